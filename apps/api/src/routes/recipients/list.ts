import type { Filter } from '@carillon/core/audience/filter';
import { MAX_AUDIENCE_KEY } from '@carillon/core/audience/read-filter';
import { addressForms } from '@carillon/core/recipient/address-forms';
import { show } from '@carillon/core/text/show';
import { listRecipients } from '@carillon/db/recipients/list-recipients';
import type { RecipientRow } from '@carillon/db/recipients/people';
import type { CONTACT_KINDS } from '@carillon/db/schema/recipients';
import { type ResolvedAudience, resolveAudience } from '@carillon/services/audiences/resolve';
import { createRoute, z } from '@hono/zod-openapi';
import { locale, name, singleLine, time } from '../../accept/fields.ts';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { checkedFilter } from '../audiences/audience-schema.ts';
import { csvAnswer, csvContent, csvHeaders, csvQuery } from '../csv-answer.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { recipientSchema, viewRecipient } from './recipient-schema.ts';

/** The kinds of contact point that a channel uses. In-app messages reach every recipient. */
const KINDS = {
  email: ['email'],
  sms: ['phone'],
  push: ['fcm', 'apns', 'web_push'],
} as const satisfies Record<string, readonly (typeof CONTACT_KINDS)[number][]>;

/** A name without an equals sign, and a value. */
const ATTRIBUTE = /^([^=]{1,255})=(.*)$/s;

/** An id, which may hold anything but control characters. */
const CURSOR = [/^[^\p{Cc}]{1,255}$/u];

const route = createRoute({
  method: 'get',
  path: '/v1/recipients',
  operationId: 'listRecipients',
  summary: 'List recipients by id',
  description:
    'All filters that are given must hold. A page looks through a bounded number of recipients: with a filter that few of them meet it may hold fewer than `limit`, even none, and still have a `next_cursor`. The list is over when `next_cursor` is null. An e-mail address and a phone number lead straight to those who have it.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: {
    query: z.strictObject({
      id_prefix: singleLine(255).optional().describe('The beginning of the id, character by character.'),
      email: z.string().min(3).max(320).optional().describe('In any spelling; also a disabled one.'),
      phone: z
        .string()
        .min(3)
        .max(40)
        .optional()
        .describe('In any spelling with a country code (encode a plus sign as %2B); also a disabled one.'),
      locale: locale().optional().describe('Exactly this one, in any case.'),
      has_channel: z
        .enum(['email', 'sms', 'push'])
        .optional()
        .describe('With an enabled contact point for it.'),
      attribute: z
        .string()
        .regex(ATTRIBUTE, 'must be <name>=<value>, such as plan=pro')
        .max(512)
        .optional()
        .describe('`<name>=<value>`: an attribute that is exactly this text, number or boolean.'),
      filter: z
        .string()
        .max(8_192)
        .optional()
        .describe('A filter of audiences, as JSON: see docs/audiences.md.'),
      audience: name(MAX_AUDIENCE_KEY).optional().describe('Recipients that belong to this audience.'),
      created_after: time().optional().describe('At this time or later.'),
      created_before: time().optional().describe('Before this time.'),
      ...csvQuery,
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page, in the order of the bytes of the ids.',
      headers: csvHeaders,
      content: {
        'application/json': { schema: pageSchema(recipientSchema).openapi('RecipientPage') },
        ...csvContent,
      },
    },
    ...problemResponses('invalid_request', 'unknown_audience'),
  },
});

export function registerListRecipients(app: Api, deps: ApiDeps): void {
  const reading = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { email, phone, locale, ...query } = c.req.valid('query');
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, CURSOR);
    if (email !== undefined && phone !== undefined) {
      const message = `${show(phone)} cannot be combined with email; search for one of them`;
      throw invalid([{ path: 'phone', message }]);
    }
    const address = email ?? phone;
    const audience = await audienceOf(deps.db.sql, c.get('caller'), query.filter, query.audience);
    const filter = {
      audience,
      idPrefix: query.id_prefix,
      address: address === undefined ? undefined : addressForms(address),
      locale,
      kinds: query.has_channel && KINDS[query.has_channel],
      createdAfter: query.created_after === undefined ? undefined : new Date(query.created_after),
      createdBefore: query.created_before === undefined ? undefined : new Date(query.created_before),
      attribute: attributeOf(query.attribute),
    };
    const read = (from: string | undefined, limit: number) =>
      reading(c, ({ sql }) => listRecipients(sql, c.get('caller'), { ...filter, after: from }, limit));
    if (query.format === 'csv') {
      const page = async (from: string | undefined, limit: number) => {
        const { rows, next } = await read(from, limit);
        return { rows: rows.map(csvOf), next };
      };
      return csvAnswer('recipients', CSV_COLUMNS, after, page, (id) => toCursor([id]));
    }
    const { rows, next } = await read(after, limitOf(query.limit));
    return c.json(
      { data: rows.map(viewRecipient), next_cursor: next === null ? null : toCursor([next]) },
      200,
    );
  });
}

/** Everything that is given must hold. */
async function audienceOf(
  sql: ApiDeps['db']['sql'],
  caller: Caller,
  filter: string | undefined,
  key: string | undefined,
): Promise<ResolvedAudience | undefined> {
  if (filter === undefined && key === undefined) return undefined;
  const all: Filter[] = [];
  if (filter !== undefined) all.push(checkedFilter(caller, jsonOf(filter)));
  if (key !== undefined) all.push({ audience: key });
  const memberPaths = filter === undefined ? ['audience'] : ['filter', 'audience'];
  return resolveAudience(sql, caller, { all }, { memberPaths });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ path: 'filter', message: `${show(text)} is not JSON; encode it as a part of a URL` }]);
  }
}

function attributeOf(given: string | undefined): { name: string; value: string } | undefined {
  const [, name, value] = ATTRIBUTE.exec(given ?? '') ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

const CSV_COLUMNS = [
  'id',
  'email',
  'phone',
  'locale',
  'time_zone',
  'devices',
  'disabled',
  'attributes',
  'created_at',
  'updated_at',
];

function csvOf(row: RecipientRow) {
  const view = viewRecipient(row);
  const count = (is: (point: (typeof view.contact_points)[number]) => boolean) =>
    view.contact_points.filter(is).length;
  return [
    view.recipient_id,
    view.email,
    view.phone,
    view.locale,
    view.time_zone,
    count(({ kind }) => kind !== 'email' && kind !== 'phone'),
    count(({ disabled_at }) => disabled_at !== null),
    JSON.stringify(view.attributes),
    view.created_at,
    view.updated_at,
  ];
}
