import { mayReadMetrics } from '@carillon/core/access/metrics-token';
import { ProblemError } from '@carillon/core/text/problem';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';

const RETRY_AFTER_SECONDS = 2;

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'health',
  summary: 'The process runs',
  tags: ['Operations'],
  security: [],
  responses: {
    200: {
      description: 'It does.',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
  },
});

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    postgres: z
      .enum(['ok', 'read_only', 'down'])
      .describe('read_only: it answers but takes no writes (a failover, a full disk).'),
    redis: z
      .enum(['ok', 'down', 'read_only', 'not_configured'])
      .describe(
        'Reported only: accepts go on without Redis. `read_only`: it answers and refuses writes, as a replica does.',
      ),
    replica: z
      .enum(['in_use', 'lagging', 'unfit', 'down', 'not_configured'])
      .describe(
        'The server that lists are read from. Reported only: unless it is `in_use`, the primary is read. `unfit`: it is no replica of this database.',
      ),
    draining: z.boolean(),
    missing_migrations: z
      .array(z.string())
      .describe(
        'Migrations that this release needs and the database lacks, oldest first; run `node db/migrate.ts`.',
      ),
    problems: z
      .array(
        z.object({
          part: z.enum(['postgres', 'migrations', 'replica', 'redis', 'accounts']),
          code: z
            .string()
            .describe('A SQLSTATE, a code of Node, the first word of Redis, or a name of ours.'),
          message: z.string().describe('What is wrong, and the remedy. The log says with which host.'),
        }),
      )
      .describe('What is wrong with PostgreSQL, its replica or Redis.'),
  })
  .openapi('Readiness');

const readinessRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readiness',
  summary: 'The process can accept notifications',
  tags: ['Operations'],
  security: [],
  responses: {
    200: { description: 'It can.', content: { 'application/json': { schema: readinessSchema } } },
    503: {
      description:
        'PostgreSQL does not answer, takes no writes or lacks migrations, or the process is stopping.',
      headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
      content: { 'application/json': { schema: readinessSchema } },
    },
  },
});

/** For orchestrators and Prometheus. These routes need no API key. */
export function registerOperations(app: Api, deps: ApiDeps): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));

  app.openapi(readinessRoute, async (c) => {
    const servers = await deps.servers.look();
    const draining = !deps.ready();
    const ready = servers.postgres === 'ok' && servers.missing_migrations.length === 0 && !draining;
    if (!ready) c.header('Retry-After', String(RETRY_AFTER_SECONDS));
    return c.json(
      {
        status: ready ? ('ready' as const) : ('not_ready' as const),
        ...servers,
        replica: servers.replica ?? ('not_configured' as const),
        draining,
      },
      ready ? 200 : 503,
    );
  });

  app.get('/metrics', async (c) => {
    if (!mayReadMetrics(deps.config, c.req.header('authorization'))) {
      throw new ProblemError('unauthenticated', 'Metrics need "Authorization: Bearer <METRICS_TOKEN>".', {
        headers: { 'WWW-Authenticate': 'Bearer realm="metrics"' },
      });
    }
    c.header('Content-Type', deps.metrics.registry.contentType);
    return c.body(await deps.metrics.registry.metrics());
  });
}
