import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { metricsRoute } from './metrics-route.ts';

const METRICS_TOKEN = 'a-token-of-enough-characters';
const metrics = createMetrics();
const asked = async (config: { NODE_ENV: string; METRICS_TOKEN?: string }, authorization?: string) =>
  metricsRoute({ config, metrics }).request('/metrics', { headers: authorization ? { authorization } : {} });

test('metrics need the token, and no session', async () => {
  const config = { NODE_ENV: 'production', METRICS_TOKEN };
  const refused = await asked(config);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="metrics"');
  expect((await asked(config, 'Bearer a-token-of-another-kind')).status).toBe(401);
  const answer = await asked(config, `Bearer ${METRICS_TOKEN}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toContain('carillon_build_info{');
});

test('without a token they are open in development and closed in production', async () => {
  expect((await asked({ NODE_ENV: 'development' })).status).toBe(200);
  expect((await asked({ NODE_ENV: 'production' })).status).toBe(401);
});
