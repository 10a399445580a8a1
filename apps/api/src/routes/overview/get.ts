import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { createOverview } from '../../overview/overview.ts';
import { sayLag, sharedReads } from '../../reads/read-for.ts';
import { overviewSchema } from './overview-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/overview',
  operationId: 'getOverview',
  summary: 'What the installation does at this moment',
  description:
    'Rates, latencies, lanes and counts of the whole installation, of all apps. One answer serves everyone who asks a process within two seconds; every part says when it was measured.',
  tags: ['Overview'],
  ...needs('overview:read', { everyApp: true }),
  responses: {
    200: { description: 'The figures.', content: { 'application/json': { schema: overviewSchema } } },
    ...problemResponses(),
  },
});

export function registerGetOverview(app: Api, deps: ApiDeps): void {
  const read = createOverview(sharedReads(deps, route));
  app.openapi(route, async (c) => {
    const { value, asOf } = await read(c.get('caller').environment);
    sayLag(c, asOf);
    return c.json(value, 200);
  });
}
