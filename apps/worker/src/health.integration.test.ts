import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { startHealth } from './health.ts';

const METRICS_TOKEN = 'a-token-of-enough-characters';
let health: Awaited<ReturnType<typeof startHealth>>;
afterEach(() => health.stop());

test('metrics of a worker need the token, its health does not', async () => {
  health = await startHealth({
    host: '127.0.0.1',
    port: 0,
    access: { NODE_ENV: 'production', METRICS_TOKEN },
  });
  health.serve({
    registry: new Registry(),
    hungLanes: () => [],
    refusesWrites: () => false,
  });
  const status = async (path: string, headers = {}) =>
    (await fetch(`${health.url}${path}`, { headers })).status;
  expect(await status('/metrics')).toBe(401);
  expect(await status('/metrics', { authorization: 'Bearer a-token-of-another-kind' })).toBe(401);
  expect(await status('/metrics', { authorization: `Bearer ${METRICS_TOKEN}` })).toBe(200);
  expect(await status('/healthz')).toBe(200);
});
