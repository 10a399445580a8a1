import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { SUPPRESSION_REASONS } from '@carillon/core/recipient/suppression';
import { listSuppressions, type SuppressionPosition } from '@carillon/db/recipients/suppressions';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { csvAnswer, csvContent, csvHeaders, csvQuery } from '../csv-answer.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { addressFields, hashesOf, suppressionSchema, viewSuppression } from './suppression-schema.ts';

const CHANNEL = new RegExp(`^(?:${CHANNELS.join('|')})$`);
const HASH = /^[0-9a-f]{64}$/;
const CURSOR = [CHANNEL, HASH];
const NEWEST_CURSOR = [TIME_AND_ID[0]!, CHANNEL, HASH];

const route = createRoute({
  method: 'get',
  path: '/v1/suppressions',
  operationId: 'listSuppressions',
  summary: 'List suppressed addresses, or ask about one',
  description:
    'By channel and hash, or the newest first. With `channel` and `address`: that one, or an empty page if it may be written to. With `reason` a page looks through a bounded number of suppressions: it may hold fewer than `limit`, even none, and still have a `next_cursor`. The list is over when `next_cursor` is null.',
  tags: ['Suppressions'],
  ...needs('suppressions:read'),
  request: {
    query: z.strictObject({
      channel: addressFields.channel.optional(),
      address: addressFields.address.optional(),
      reason: z.enum(SUPPRESSION_REASONS).optional(),
      sort: z.enum(['address_hash', 'newest']).optional().describe('`address_hash` unless said.'),
      ...csvQuery,
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      headers: csvHeaders,
      content: {
        'application/json': { schema: pageSchema(suppressionSchema).openapi('SuppressionPage') },
        ...csvContent,
      },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListSuppressions(app: Api, deps: ApiDeps): void {
  const reading = readFor(deps, route);
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { channel, address, reason, sort, format, cursor, limit } = c.req.valid('query');
    if (address !== undefined && channel === undefined)
      throw invalid([
        { path: 'channel', message: 'is missing; an address is one of a channel, name it too' },
      ]);
    // One address has so few rows that their order needs no index.
    const newest = sort === 'newest' && address === undefined;
    const filter = {
      channel,
      addressHashes:
        address === undefined || channel === undefined ? undefined : hashesOf(caller, { channel, address }),
      reason,
      newest,
    };
    const first = cursor === undefined ? undefined : positionOf(cursor, newest);
    const read = (after: SuppressionPosition | undefined, rows: number) =>
      reading(c, ({ sql }) => listSuppressions(sql, caller, { ...filter, after }, rows));
    const cursorOf = (position: SuppressionPosition) => toCursor(partsOf(position, newest));
    if (format === 'csv') {
      const page = async (after: SuppressionPosition | undefined, rows: number) => {
        const { rows: found, next } = await read(after, rows);
        return { rows: found.map((row) => Object.values(csvView(viewSuppression(row)))), next };
      };
      return csvAnswer('suppressions', CSV_COLUMNS, first, page, cursorOf);
    }
    const { rows, next } = await read(first, limitOf(limit));
    return c.json({ data: rows.map(viewSuppression), next_cursor: next && cursorOf(next) }, 200);
  });
}

function positionOf(cursor: string, newest: boolean): SuppressionPosition {
  const parts = fromCursor(cursor, newest ? NEWEST_CURSOR : CURSOR);
  const [at, channel, hash] = newest ? parts : ['', ...parts];
  return { at: at!, channel: channel as Channel, addressHash: Buffer.from(hash!, 'hex') };
}

const partsOf = ({ at, channel, addressHash }: SuppressionPosition, newest: boolean): string[] => [
  ...(newest ? [at] : []),
  channel,
  addressHash.toString('hex'),
];

function csvView({ cause, ...row }: ReturnType<typeof viewSuppression>) {
  return {
    channel: row.channel,
    address_hash: row.address_hash,
    reason: row.reason,
    detail: row.detail,
    added_by: row.added_by,
    provider: cause?.provider ?? null,
    notification_id: cause?.notification_id ?? null,
    created_at: row.created_at,
  };
}

const CSV_COLUMNS = [
  'channel',
  'address_hash',
  'reason',
  'detail',
  'added_by',
  'provider',
  'notification_id',
  'created_at',
];
