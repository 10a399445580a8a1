import { CHANNELS } from '@carillon/core/notification/channel';
import { listSuppressions } from '@carillon/db/recipients/suppressions';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { addressFields, hashOf, suppressionSchema, viewSuppression } from './suppression-schema.ts';

const CURSOR = [new RegExp(`^(?:${CHANNELS.join('|')})$`), /^[0-9a-f]{64}$/];

const route = createRoute({
  method: 'get',
  path: '/v1/suppressions',
  operationId: 'listSuppressions',
  summary: 'List suppressed addresses, or ask about one',
  description:
    'By channel and hash. With `channel` and `address`: that one, or an empty page if it may be written to.',
  tags: ['Suppressions'],
  ...needs('suppressions:*'),
  request: {
    query: z.strictObject({
      channel: addressFields.channel.optional(),
      address: addressFields.address.optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(suppressionSchema).openapi('SuppressionPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListSuppressions(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { channel, address, cursor, limit: given } = c.req.valid('query');
    const limit = limitOf(given);
    if (address !== undefined && channel === undefined)
      throw invalid([
        { path: 'channel', message: 'is missing; an address is one of a channel, name it too' },
      ]);
    const [lastChannel, lastHash] = cursor === undefined ? [] : fromCursor(cursor, CURSOR);
    const filter = {
      channel,
      addressHash:
        address === undefined || channel === undefined ? undefined : hashOf(caller, { channel, address }),
      after:
        lastChannel === undefined || lastHash === undefined
          ? undefined
          : { channel: lastChannel, addressHash: Buffer.from(lastHash, 'hex') },
    };
    const rows = await listSuppressions(db.sql, caller, filter, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(viewSuppression),
        next_cursor:
          rows.length > limit && last ? toCursor([last.channel, last.addressHash.toString('hex')]) : null,
      },
      200,
    );
  });
}
