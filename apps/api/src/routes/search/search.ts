import { allows } from '@carillon/core/access/access';
import { type SearchTerm, searchTerm } from '@carillon/core/notification/search-term';
import { MAX_ADDRESS_LENGTH } from '@carillon/core/recipient/address-forms';
import { type Found, findAnything, MOST_HITS } from '@carillon/db/search/find-anything';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { notificationSchema, viewNotification } from '../notifications/notification-view.ts';

const KINDS = ['notification', 'recipient', 'address', 'suppression', 'template'] as const;

/** Why something was found: the end of the sentence "It was found because ...". */
const REASONS = {
  id: 'this is its id',
  attempt_id: 'this is the id of one of its attempts',
  idempotency_key: 'this is its idempotency key',
  provider_message_id: 'this is the id that the provider gave it',
  address: 'it was sent to this address, or to a recipient who has it now',
  recipient_id: 'this is the id of its recipient',
  recipient_id_prefix: 'its id begins with this',
  recipient_address: 'the recipient has this address now',
  written_address: 'this is an address',
  suppressed_address: 'this address gets no messages',
  template_key: 'this is its key',
  template_key_prefix: 'its key begins with this',
} as const;
type Reason = keyof typeof REASONS;
const NAMES = Object.keys(REASONS) as [Reason, ...Reason[]];

const hitSchema = z
  .object({
    kind: z.enum(KINDS),
    id: z
      .string()
      .describe('Of a notification or recipient; the key of a template; an address in its canonical form.'),
    matched: z.enum(NAMES),
    because: z.string().describe('`matched` in words.'),
    notification: notificationSchema.optional().describe('Of the kind `notification`.'),
    suppression: z
      .object({
        channel: z.string(),
        reason: z.string(),
        detail: z.string().nullable(),
        created_at: z.string(),
      })
      .optional()
      .describe('Of the kind `suppression`.'),
    filter: z
      .record(z.string(), z.string())
      .optional()
      .describe('Query of `GET /v1/notifications` for everything that belongs to it.'),
  })
  .openapi('SearchHit');

const route = createRoute({
  method: 'get',
  path: '/v1/search',
  operationId: 'search',
  summary: 'Find whatever a text names',
  description: `One field for everything: the id of a notification or of one of its attempts (also inside a link), an e-mail address or phone number in any spelling, also one that belongs to no recipient, a device token, the id of a recipient or its beginning, a provider's message id, an idempotency key, the key of a template or its beginning. Certain matches come first, then the newest; at most ${MOST_HITS} for each way of matching. Suppressed addresses are shown to keys with suppressions:read.`,
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: {
    query: z.strictObject({
      q: z
        .string()
        .max(MAX_ADDRESS_LENGTH)
        .regex(/\S/, 'is empty; give an id, an address or a key')
        .describe('Encode a plus sign as %2B.'),
    }),
  },
  responses: {
    200: {
      description: 'What was found; an empty list if it names nothing.',
      content: {
        'application/json': {
          schema: z
            .object({
              data: z.array(hitSchema),
              more: z
                .boolean()
                .describe(
                  'There is more than this shows: use `filter` of a hit with the list of notifications.',
                ),
            })
            .openapi('SearchResults'),
        },
      },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerSearch(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const term = searchTerm(c.req.valid('query').q);
    const caller = c.get('caller');
    const found = await read(c, ({ sql }) => findAnything(sql, caller, term));
    const seesSuppressions = allows(caller.scopes, 'suppressions:read');
    return c.json({ data: hitsOf(term, found, seesSuppressions), more: found.more }, 200);
  });
}

function hitsOf(term: SearchTerm, found: Found, seesSuppressions: boolean): z.input<typeof hitSchema>[] {
  const hit = <T extends object>(kind: (typeof KINDS)[number], id: string, matched: Reason, more: T) => ({
    kind,
    id,
    matched,
    because: REASONS[matched],
    ...more,
  });
  const notifications = found.notifications.map(({ matched, row }) =>
    hit('notification', row.id, matched, { notification: viewNotification(row) }),
  );
  const isCertain = ({ matched }: { matched: Reason }) => matched !== 'address' && matched !== 'recipient_id';
  const { writtenTo } = term;
  const addresses = writtenTo
    ? [hit('address', writtenTo.address, 'written_address', { filter: { address: writtenTo.address } })]
    : [];
  const suppressions = found.suppressions.map(({ channel, reason, detail, createdAt }) =>
    hit('suppression', writtenTo?.address ?? term.text, 'suppressed_address', {
      suppression: { channel, reason, detail, created_at: createdAt.toISOString() },
    }),
  );
  const recipients = found.recipients.map(({ matched, id }) =>
    hit('recipient', id, matched === 'address' ? 'recipient_address' : matched, {
      filter: { recipient_id: id },
    }),
  );
  const templates = found.templates.map(({ matched, key }) =>
    hit('template', key, matched, { filter: { template: key } }),
  );
  return [
    ...notifications.filter(isCertain),
    ...addresses,
    ...(seesSuppressions ? suppressions : []),
    ...recipients,
    ...templates,
    ...notifications.filter((each) => !isCertain(each)),
  ];
}
