import type { PartKind } from '@carillon/core/template/compile/parts';
import { getPart, listParts, usersOfParts } from '@carillon/db/templates/parts';
import { noSuchPart } from '@carillon/services/templates/parts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { partParams, partSchema, viewPart, withUsers } from './part-schema.ts';

const getRoute = (kind: PartKind) =>
  createRoute({
    method: 'get',
    path: `/v1/${kind}s/{key}`,
    operationId: kind === 'layout' ? 'getLayout' : 'getPartial',
    summary: `Look up a ${kind} and what uses it`,
    tags: ['Templates'],
    ...needs('templates:read'),
    request: { params: partParams },
    responses: {
      200: {
        description: `The ${kind}.`,
        headers: etagHeader,
        content: { 'application/json': { schema: partSchema } },
      },
      ...problemResponses('not_found', 'invalid_request'),
    },
  });

const listRoute = (kind: PartKind) =>
  createRoute({
    method: 'get',
    path: `/v1/${kind}s`,
    operationId: kind === 'layout' ? 'listLayouts' : 'listPartials',
    summary: `List ${kind}s by key`,
    tags: ['Templates'],
    ...needs('templates:read'),
    request: { query: z.strictObject(pageQuery) },
    responses: {
      200: {
        description: 'One page.',
        content: { 'application/json': { schema: pageSchema(partSchema).openapi('TemplatePartPage') } },
      },
      ...problemResponses('invalid_request'),
    },
  });

export function registerGetParts(app: Api, { db }: ApiDeps, kind: PartKind): void {
  app.openapi(getRoute(kind), async (c) => {
    const tenant = c.get('caller');
    const name = { kind, key: c.req.valid('param').key };
    const part = await getPart(db.sql, tenant, name);
    if (part === null) throw noSuchPart(name);
    const [users] = await usersOfParts(db.sql, tenant, [part]);
    const view = viewPart(part);
    return c.json(withUsers(view, users!), 200, etagOf(view));
  });

  app.openapi(listRoute(kind), async (c) => {
    const tenant = c.get('caller');
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\0]{1,255}$/]);
    const rows = await listParts(db.sql, tenant, kind, after, limit + 1);
    const page = rows.slice(0, limit);
    const users = await usersOfParts(db.sql, tenant, page);
    const last = page.at(-1);
    const data = page.map((part, i) => withUsers(viewPart(part), users[i]!));
    return c.json({ data, next_cursor: rows.length > limit && last ? toCursor([last.key]) : null }, 200);
  });
}
