import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@carillon/core/problem';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';

const PROBE_TIMEOUT_MS = 1_000;

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
    postgres: z.enum(['ok', 'down']),
    redis: z.enum(['ok', 'down', 'not_configured']).describe('Reported only: accepts go on without Redis.'),
    draining: z.boolean(),
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
      description: 'PostgreSQL does not answer, or the process is stopping.',
      content: { 'application/json': { schema: readinessSchema } },
    },
  },
});

/** For orchestrators and Prometheus. None of these needs an API key. */
export function registerOperations(app: Api, deps: ApiDeps): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));

  app.openapi(readinessRoute, async (c) => {
    const [postgres, redis] = await Promise.all([
      within(PROBE_TIMEOUT_MS, deps.db.sql`select 1`).then(
        () => 'ok' as const,
        () => 'down' as const,
      ),
      within(PROBE_TIMEOUT_MS, deps.redis.state()).catch(() => 'down' as const),
    ]);
    const draining = !deps.ready();
    const ready = postgres === 'ok' && !draining;
    return c.json(
      { status: ready ? ('ready' as const) : ('not_ready' as const), postgres, redis, draining },
      ready ? 200 : 503,
    );
  });

  app.get('/metrics', async (c) => {
    const { METRICS_TOKEN, NODE_ENV } = deps.config;
    const open = METRICS_TOKEN === undefined && NODE_ENV !== 'production';
    if (!open && !holdsToken(c.req.header('authorization'), METRICS_TOKEN)) {
      throw new ProblemError('unauthenticated', 'Metrics need "Authorization: Bearer <METRICS_TOKEN>".', {
        headers: { 'WWW-Authenticate': 'Bearer realm="metrics"' },
      });
    }
    c.header('Content-Type', deps.metrics.registry.contentType);
    return c.body(await deps.metrics.registry.metrics());
  });
}

function holdsToken(header: string | undefined, token: string | undefined): boolean {
  if (header === undefined || token === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}

async function within<T>(timeoutMs: number, work: PromiseLike<T>): Promise<T> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      work,
      pause(timeoutMs, undefined, { signal: stop.signal, ref: false }).then((): never => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}
