import { listRequests, type RequestFilter, type RequestRow } from '@carillon/db/request-log/list-requests';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine, time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';

const ID_CURSOR = [/^[1-9]\d{0,17}$/];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

const requestSchema = z
  .object({
    id: z.string().describe('A number that rises with time.'),
    at: z.iso.datetime(),
    key_id: z.string(),
    method: z.string(),
    route: z.string().describe('As registered: `/v1/notifications/:id`; empty where there is none.'),
    path: z
      .string()
      .describe('With ids of this API; ids of people and what this API does not know are replaced.'),
    status: z.int(),
    duration_ms: z.int().min(0),
    request_id: z.string().describe('The `X-Request-Id` of the answer.'),
    problem: z
      .object({
        code: z.string(),
        detail: z.string(),
        errors: z.array(z.object({ path: z.string(), message: z.string() })).nullable(),
      })
      .nullable()
      .describe('What it was answered, with the values of the request replaced.'),
    body: z
      .unknown()
      .describe(
        'Of a problem: the form of the body. Members and enumerated values of this API; `...` and 0 stand for what was there.',
      ),
    more: z
      .int()
      .min(0)
      .describe(
        'How many more requests of the same key, method, route and status came within two seconds and are not listed.',
      ),
  })
  .openapi('LoggedRequest');

const route = createRoute({
  method: 'get',
  path: '/v1/request-log',
  operationId: 'listRequests',
  summary: 'List the requests of the last day, newest first',
  description:
    'Of the app and environment of the key. Problems are listed with what they were answered, other requests one of a kind every two seconds with the number of the rest. Contents, addresses and ids of people are never kept, and requests without a valid key leave nothing. A request is in the list a few seconds after its answer.',
  tags: ['Apps and keys'],
  ...needs('requests:read'),
  request: {
    query: z.strictObject({
      key_id: singleLine(64).optional(),
      method: z.enum(METHODS).optional(),
      route: singleLine(200).optional().describe('As registered: `/v1/notifications/:id`.'),
      status: z
        .string()
        .regex(
          /^([1-5]xx|[1-5]\d\d|problem)$/,
          'is not a status such as 422, a class such as 4xx, or problem',
        )
        .optional()
        .describe('A status (`422`), a class (`4xx`), or `problem`: 400 and above.'),
      code: singleLine(100).optional().describe('The code of a problem: `invalid_request`.'),
      request_id: singleLine(128).optional(),
      created_after: time().optional(),
      created_before: time().optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(requestSchema).openapi('LoggedRequestPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListRequests(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [olderThan] = query.cursor === undefined ? [] : fromCursor(query.cursor, ID_CURSOR);
    const filter: RequestFilter = {
      keyId: query.key_id,
      method: query.method,
      route: query.route,
      status: statusRange(query.status),
      code: query.code,
      requestId: query.request_id,
      since: query.created_after === undefined ? undefined : new Date(query.created_after),
      until: query.created_before === undefined ? undefined : new Date(query.created_before),
    };
    const rows = await read(c, ({ sql }) => listRequests(sql, c.get('caller'), filter, olderThan, limit + 1));
    const last = rows.length > limit ? rows[limit - 1]! : null;
    return c.json(
      { data: rows.slice(0, limit).map(viewRequest), next_cursor: last && toCursor([last.id]) },
      200,
    );
  });
}

function statusRange(status: string | undefined): RequestFilter['status'] {
  if (status === undefined) return undefined;
  if (status === 'problem') return { from: 400, to: 599 };
  if (!status.endsWith('xx')) return { from: Number(status), to: Number(status) };
  const hundreds = Number(status[0]) * 100;
  return { from: hundreds, to: hundreds + 99 };
}

function viewRequest(row: RequestRow): z.input<typeof requestSchema> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    key_id: row.keyId,
    method: row.method,
    route: row.route,
    path: row.path,
    status: row.status,
    duration_ms: row.durationMs,
    request_id: row.requestId,
    problem: row.code === null ? null : { code: row.code, detail: row.detail ?? '', errors: row.errors },
    body: row.body,
    more: row.more,
  };
}
