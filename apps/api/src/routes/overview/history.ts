import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { createHistory } from '../../overview/history.ts';
import { sayLag, sharedReads } from '../../reads/read-for.ts';
import { historySchema } from './overview-schema.ts';

const HOURS = ['1', '3', '6', '12', '24', '48'] as const;
const DEFAULT_HOURS = '24';
/** About this many steps are enough for a chart. */
const STEPS = 288;

const route = createRoute({
  method: 'get',
  path: '/v1/overview/history',
  operationId: 'getOverviewHistory',
  summary: 'What the installation did in the last hours',
  description:
    'For charts: flows by the minute, counted from the rows once the minute is over; levels at their highest sample. Kept for two days.',
  tags: ['Overview'],
  ...needs('overview:read', { everyApp: true }),
  request: {
    query: z.strictObject({
      hours: z.enum(HOURS).optional().openapi({
        description: 'How far back; 24 where it is left out. A step has a 288th of it, at least a minute.',
      }),
    }),
  },
  responses: {
    200: { description: 'The series.', content: { 'application/json': { schema: historySchema } } },
    ...problemResponses('invalid_request'),
  },
});

export function registerGetOverviewHistory(app: Api, deps: ApiDeps): void {
  const read = createHistory(sharedReads(deps, route));
  app.openapi(route, async (c) => {
    const hours = Number(c.req.valid('query').hours ?? DEFAULT_HOURS);
    const stepSeconds = Math.max(60, Math.ceil((hours * 3600) / STEPS / 60) * 60);
    const { value, asOf } = await read({ environment: c.get('caller').environment, hours, stepSeconds });
    sayLag(c, asOf);
    return c.json(value, 200);
  });
}
