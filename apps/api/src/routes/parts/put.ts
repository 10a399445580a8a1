import type { PartKind } from '@carillon/core/template/compile/parts';
import { usersOfParts } from '@carillon/db/templates/parts';
import { putPart } from '@carillon/services/templates/parts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { compileContext } from '../templates/compile-texts.ts';
import { checkPart } from './check-part.ts';
import { newPartParams, partSchema, putPartSchema, textsOfPart, viewPart, withUsers } from './part-schema.ts';

const partJson = { 'application/json': { schema: partSchema } };

const DESCRIPTIONS: Readonly<Record<PartKind, string>> = {
  layout:
    'A layout stands around the text of an e-mail that names it (`layout`) and prints it with `{{ content }}`, exactly once in each of its forms. Published templates keep the layout that they were published with: `used_by` says which have an earlier one.',
  partial:
    'Templates, layouts and other partials put it in with `{% render "footer" %}`; values are given by name, `{% render "button", url: order.url %}`. It sees the data and those values, and no variables around it. Published templates keep the partial that they were published with: `used_by` says which have an earlier one.',
};

const routeOf = (kind: PartKind) =>
  createRoute({
    method: 'put',
    path: `/v1/${kind}s/{key}`,
    operationId: kind === 'layout' ? 'putLayout' : 'putPartial',
    summary: `Create or change a ${kind}`,
    description: `${DESCRIPTIONS[kind]} A mistake is answered 422 with its line and column.`,
    tags: ['Templates'],
    ...needs('templates:*'),
    request: {
      params: newPartParams,
      headers: z.object(ifMatchHeader),
      body: { required: true, content: { 'application/json': { schema: putPartSchema(kind) } } },
    },
    responses: {
      200: {
        description: 'Changed, or unchanged if it said the same already.',
        headers: etagHeader,
        content: partJson,
      },
      201: { description: 'Created.', headers: etagHeader, content: partJson },
      ...problemResponses('malformed_json', 'conflict', 'invalid_request'),
    },
  });

export function registerPutPart(app: Api, deps: ApiDeps, kind: PartKind): void {
  const { db } = deps;
  app.openapi(routeOf(kind), async (c) => {
    const tenant = c.get('caller');
    const name = { kind, key: c.req.valid('param').key };
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewPart);
    const texts = textsOfPart(c.req.valid('json'));
    await checkPart(compileContext(c, deps), name, texts);
    const { part, created } = await putPart(serviceContext(tenant, deps), { tenant, name, texts, unchanged });
    const view = viewPart(part);
    const [users] = await usersOfParts(db.sql, tenant, [part]);
    return c.json(withUsers(view, users!), created ? 201 : 200, etagOf(view));
  });
}
