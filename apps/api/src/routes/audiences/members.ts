import { getAudience } from '@carillon/db/audiences/audiences';
import { listRecipients } from '@carillon/db/recipients/list-recipients';
import { changeMembers, type MembersChange } from '@carillon/services/audiences/members';
import { noSuchAudience } from '@carillon/services/audiences/put';
import { resolveAudience } from '@carillon/services/audiences/resolve';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { name } from '../../accept/fields.ts';
import type { Api, ApiDeps, ApiEnv } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { recipientSchema, viewRecipient } from '../recipients/recipient-schema.ts';
import { audienceParams } from './audience-schema.ts';
import { type ReadIds, readIds } from './read-ids.ts';

const MAX_GIVEN = 10_000;

const changeSchema = z
  .object({
    read: z.int().describe('Ids that were read.'),
    changed: z.int().describe('How many were added or removed; the others were so already.'),
    unknown: z.int().describe('Ids that no recipient has: nobody is created.'),
    unknown_ids: z.array(z.string()).describe('The first 100 of them.'),
    failed: z.int().describe('Lines that are not ids.'),
    errors: z
      .array(z.object({ line: z.int(), path: z.string(), message: z.string() }))
      .describe('The first 1,000 of them.'),
  })
  .openapi('MembersChange');

const request = {
  params: audienceParams,
  body: {
    content: {
      'application/json': {
        schema: z
          .strictObject({ recipient_ids: z.array(name(255)).max(MAX_GIVEN) })
          .openapi('MembersRequest', { example: { recipient_ids: ['user_42'] } }),
      },
      'application/x-ndjson': {
        schema: z.string().openapi({
          description: 'A stream of any length: `"user_42"` or `{"id": "user_42"}` a line, in UTF-8.',
        }),
      },
    },
  },
};
const responses = {
  200: {
    description: 'Everything was read.',
    content: { 'application/json': { schema: changeSchema } },
  },
  ...problemResponses(
    'malformed_json',
    'malformed_request',
    'not_found',
    'request_timeout',
    'invalid_state',
    'invalid_request',
  ),
};
const DESCRIPTION =
  'Stored in parts of 5,000: after a broken connection send it again, a repeat changes nothing. Needs the scope `audiences:*`.';

const addRoute = createRoute({
  method: 'post',
  path: '/v1/audiences/{key}/members',
  operationId: 'addMembers',
  summary: 'Add recipients to a list',
  description: DESCRIPTION,
  tags: ['Audiences'],
  ...needs('audiences:*'),
  request,
  responses,
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/audiences/{key}/members',
  operationId: 'removeMembers',
  summary: 'Take recipients out of a list',
  description: DESCRIPTION,
  tags: ['Audiences'],
  ...needs('audiences:*'),
  request,
  responses,
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/audiences/{key}/members',
  operationId: 'listMembers',
  summary: 'The recipients of an audience, by id',
  description:
    'Of a filter: those who meet it now. A page looks through a bounded number of recipients, as in the list of recipients. Needs the scope `recipients:read`.',
  tags: ['Audiences'],
  ...needs('recipients:read'),
  request: { params: audienceParams, query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page, in the order of the bytes of the ids.',
      content: { 'application/json': { schema: pageSchema(recipientSchema).openapi('RecipientPage') } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerMembers(app: Api, deps: ApiDeps): void {
  const { db, sets } = deps;
  const read = readFor(deps, listRoute);
  app.openapi(addRoute, async (c) => {
    const { parts, failed } = idsOf(c, c.req.valid('json'));
    const { key } = c.req.valid('param');
    const tenant = c.get('caller');
    const by = { sets: sets.sql, actor: tenant.actor };
    const change = changeMembers(by, { tenant, key, action: 'add', parts });
    return c.json(viewChange(await outsideDeadline(c, change), failed), 200);
  });

  app.openapi(removeRoute, async (c) => {
    const { parts, failed } = idsOf(c, c.req.valid('json'));
    const { key } = c.req.valid('param');
    const tenant = c.get('caller');
    const by = { sets: sets.sql, actor: tenant.actor };
    const change = changeMembers(by, { tenant, key, action: 'remove', parts });
    return c.json(viewChange(await outsideDeadline(c, change), failed), 200);
  });

  app.openapi(listRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const query = c.req.valid('query');
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\p{Cc}]{1,255}$/u]);
    if ((await getAudience(db.sql, tenant, key)) === null) throw noSuchAudience(key);
    const audience = await resolveAudience(db.sql, tenant, { audience: key }, { path: 'key' });
    const { rows, next } = await read(c, ({ sql }) =>
      listRecipients(sql, tenant, { audience, after }, limitOf(query.limit)),
    );
    const cursor = next === null ? null : toCursor([next]);
    return c.json({ data: rows.map(viewRecipient), next_cursor: cursor }, 200);
  });
}

/** The ids of a request in either form. */
function idsOf(c: Context<ApiEnv>, json: unknown): ReadIds {
  const given = (json as { recipient_ids?: string[] } | undefined)?.recipient_ids;
  if (given !== undefined) return { parts: onePart(given), failed: { count: 0, errors: [] } };
  const body = c.req.raw.body;
  if (c.get('body') === undefined && body !== null) return readIds(body);
  throw invalid([{ path: 'recipient_ids', message: 'is missing; give a list of ids, or NDJSON' }]);
}

async function* onePart(ids: string[]): AsyncGenerator<string[]> {
  if (ids.length > 0) yield ids;
}

function viewChange(change: MembersChange, failed: ReadIds['failed']): z.input<typeof changeSchema> {
  const { read, changed, unknown, unknownIds } = change;
  return { read, changed, unknown, unknown_ids: unknownIds, failed: failed.count, errors: failed.errors };
}
