import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { categoryName } from '@carillon/core/provider/visible-text';
import { type ByLocale, resolveLocale } from '@carillon/core/recipient/locale';
import { acceptedLanguages } from '@carillon/core/recipient/page-words';
import { wantsCategory, wantsCategoryOn } from '@carillon/core/recipient/preferences';
import { getPreferences, type PreferencesRow } from '@carillon/db/preferences/preferences';
import { type PageFacts, readPage } from '@carillon/db/preferences/read-page';
import { noSuchInbox } from '@carillon/services/inbox/change';
import { putPreferences } from '@carillon/services/preferences/put';
import { createRoute, z } from '@hono/zod-openapi';
import { locale } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needsToken } from '../../middleware/recipient-auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { lockedOnes, offered } from '../../pages/page-input.ts';
import {
  preferencesSchema,
  putPreferencesSchema,
  viewPreferences,
} from '../recipients/preferences-schema.ts';

const mySchema = preferencesSchema
  .extend({
    category_list: z
      .array(
        z.object({
          name: z.string(),
          title: z.string(),
          description: z.string().nullable(),
          wanted: z.boolean().describe('By one channel at least.'),
          channels: z
            .object({ email: z.boolean(), sms: z.boolean(), push: z.boolean(), in_app: z.boolean() })
            .describe('Whether it is wanted by each channel, as far as that channel is on.'),
          default: z.boolean().describe('What people get who said nothing about it.'),
          locked: z.boolean().describe('Nobody can opt out of it.'),
        }),
      )
      .describe('The categories to offer, with what the person gets of each, in their language.'),
  })
  .openapi('MyPreferences');

const query = z.strictObject({
  locale: locale().optional().describe('For titles and descriptions; else the language of the recipient.'),
});
const answer = { description: 'The preferences.', content: { 'application/json': { schema: mySchema } } };

const getRoute = createRoute({
  method: 'get',
  path: '/v1/my/preferences',
  operationId: 'getMyPreferences',
  summary: 'What I want to get',
  description: 'For the recipient of the token.',
  tags: ['Inbox'],
  ...needsToken('preferences'),
  request: { query },
  responses: { 200: answer, ...problemResponses('not_found', 'invalid_request') },
});

const putRoute = createRoute({
  method: 'put',
  path: '/v1/my/preferences',
  operationId: 'putMyPreferences',
  summary: 'Change what I want to get',
  description:
    'For the recipient of the token; holds from the answer on, as PUT /v1/recipients/{id}/preferences.',
  tags: ['Inbox'],
  ...needsToken('preferences'),
  request: {
    query,
    body: { required: true, content: { 'application/json': { schema: putPreferencesSchema } } },
  },
  responses: { 200: answer, ...problemResponses('malformed_json', 'not_found', 'invalid_request') },
});

/** What a recipient gets, read and changed with their token. */
export function registerMyPreferences(app: Api, { db, waker, metrics }: ApiDeps): void {
  app.openapi(getRoute, async (c) => {
    const { recipientId, ...tenant } = c.get('recipient').owner;
    const row = await getPreferences(db.sql, tenant, recipientId);
    const facts = await readPage(db.sql, { ...tenant, recipientId });
    if (row === null || facts === null) throw noSuchInbox();
    const wished = [c.req.valid('query').locale, ...acceptedLanguages(c.req.header('accept-language'))];
    return c.json(view(recipientId, row, facts, wished), 200);
  });

  app.openapi(putRoute, async (c) => {
    const { recipientId, ...tenant } = c.get('recipient').owner;
    const context = {
      db: db.sql,
      wake: (priority: Parameters<typeof waker.wake>[0]) => waker.wake(priority),
      onEntered: metrics.entered,
    };
    const row = await putPreferences(context, { tenant, recipientId, fields: c.req.valid('json') });
    const facts = await readPage(db.sql, { ...tenant, recipientId });
    if (facts === null) throw noSuchInbox();
    const wished = [c.req.valid('query').locale, ...acceptedLanguages(c.req.header('accept-language'))];
    return c.json(view(recipientId, row, facts, wished), 200);
  });
}

function view(
  recipientId: string,
  row: PreferencesRow,
  facts: PageFacts,
  [asked, ...accepted]: readonly (string | undefined)[],
): z.input<typeof mySchema> {
  const wished = [asked, facts.recipient?.locale, ...accepted];
  const inLanguage = (texts: ByLocale): string | null => {
    const found = resolveLocale(Object.keys(texts), wished);
    return found === null ? null : (texts[found] ?? null);
  };
  return {
    ...viewPreferences(recipientId, row),
    category_list: [...offered(facts), ...lockedOnes(facts)].map(
      ({ name, titles, descriptions, defaultOn, locked }) => ({
        name: categoryName(name),
        title: inLanguage(titles) ?? name,
        description: inLanguage(descriptions),
        wanted: locked || wantsCategory(row.categories, name, defaultOn),
        channels: byChannel((channel) => locked || wantsCategoryOn(row.categories, name, channel, defaultOn)),
        default: locked || defaultOn,
        locked,
      }),
    ),
  };
}

function byChannel(of: (channel: Channel) => boolean): Record<Channel, boolean> {
  return Object.fromEntries(CHANNELS.map((channel) => [channel, of(channel)])) as Record<Channel, boolean>;
}
