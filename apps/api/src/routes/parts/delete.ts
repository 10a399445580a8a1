import type { PartKind } from '@carillon/core/template/compile/parts';
import { deletePart } from '@carillon/services/templates/parts';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { partParams, viewPart } from './part-schema.ts';

const routeOf = (kind: PartKind) =>
  createRoute({
    method: 'delete',
    path: `/v1/${kind}s/{key}`,
    operationId: kind === 'layout' ? 'deleteLayout' : 'deletePartial',
    summary: `Delete a ${kind} that nothing uses`,
    description:
      'While a published version, a draft, a layout or a partial uses it, the answer is 409 `invalid_state` and names them. Deleting what is not there is answered 204 too.',
    tags: ['Templates'],
    ...needs('templates:*'),
    request: { params: partParams, headers: z.object(ifMatchHeader) },
    responses: {
      204: { description: 'Deleted.' },
      ...problemResponses('conflict', 'invalid_state', 'invalid_request'),
    },
  });

export function registerDeletePart(app: Api, deps: ApiDeps, kind: PartKind): void {
  app.openapi(routeOf(kind), async (c) => {
    const tenant = c.get('caller');
    const name = { kind, key: c.req.valid('param').key };
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewPart);
    await deletePart(serviceContext(tenant, deps), { tenant, name, unchanged });
    return c.body(null, 204);
  });
}
