import { expect, test } from 'vitest';
import { createProgramMetrics } from './program-metrics.ts';
import { sharedMetrics } from './shared-metrics.ts';

const samplesOf = async (metrics: { registry: { metrics(): Promise<string> } }, name: string) =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

test('counts between two scrapes add up, and a scrape counts nothing twice', async () => {
  const worker = createProgramMetrics('worker');
  const retries = worker.counter('carillon_retries_total');
  const labels = { provider: 'smtp', channel: 'email', priority: 'normal' };
  const sample = (value: number) => [
    `carillon_retries_total{provider="smtp",channel="email",priority="normal"} ${value}`,
  ];
  retries.inc(labels);
  retries.series(labels).inc(2);
  expect(await samplesOf(worker, 'carillon_retries_total')).toEqual(sample(3));
  expect(await samplesOf(worker, 'carillon_retries_total')).toEqual(sample(3));
  retries.inc(labels, 0);
  retries.inc(labels);
  expect(await samplesOf(worker, 'carillon_retries_total')).toEqual(sample(4));
});

test('a gauge is absent until it is set, and after it is cleared', async () => {
  const worker = createProgramMetrics('worker');
  const dead = worker.gauge('carillon_dead_notifications');
  const age = worker.gauge('carillon_lane_oldest_seconds');
  expect(await samplesOf(worker, 'carillon_dead_notifications')).toEqual([]);
  dead.set({}, 7);
  age.set({ lane: 'sms-bulk' }, 1.5);
  expect(await samplesOf(worker, 'carillon_dead_notifications')).toEqual(['carillon_dead_notifications 7']);
  expect(await samplesOf(worker, 'carillon_lane_oldest')).toEqual([
    'carillon_lane_oldest_seconds{lane="sms-bulk"} 1.5',
  ]);
  dead.clear();
  age.clear();
  expect(await samplesOf(worker, 'carillon_dead_notifications')).toEqual([]);
  expect(await samplesOf(worker, 'carillon_lane_oldest')).toEqual([]);
});

test('a histogram has the buckets of the table', async () => {
  const worker = createProgramMetrics('worker');
  worker.histogram('carillon_limiter_wait_seconds').observe({ provider: 'smtp' }, 0.3);
  const buckets = await samplesOf(worker, 'carillon_limiter_wait_seconds_bucket');
  expect(buckets.slice(7, 9)).toEqual([
    'carillon_limiter_wait_seconds_bucket{le="0.25",provider="smtp"} 0',
    'carillon_limiter_wait_seconds_bucket{le="0.5",provider="smtp"} 1',
  ]);
});

test('what is read at a scrape replaces what was read before', async () => {
  const api = createProgramMetrics('api');
  const shared = sharedMetrics(api);
  let dropped = 3;
  let suppressed: Record<string, number> = { warn: 4, error: 1 };
  shared.tracesDropped(() => dropped);
  shared.logSuppressed(() => suppressed);
  shared.connections(() => ({ inUse: 2, max: 16 }));
  expect(await samplesOf(api, 'carillon_traces_dropped_total')).toEqual(['carillon_traces_dropped_total 3']);
  expect(await samplesOf(api, 'carillon_log_suppressed_total')).toEqual([
    'carillon_log_suppressed_total{level="warn"} 4',
    'carillon_log_suppressed_total{level="error"} 1',
  ]);
  expect(await samplesOf(api, 'carillon_database_connections')).toEqual([
    'carillon_database_connections_in_use 2',
    'carillon_database_connections_max 16',
  ]);
  dropped = 5;
  suppressed = { warn: 6 };
  expect(await samplesOf(api, 'carillon_traces_dropped_total')).toEqual(['carillon_traces_dropped_total 5']);
  expect(await samplesOf(api, 'carillon_log_suppressed_total')).toEqual([
    'carillon_log_suppressed_total{level="warn"} 6',
  ]);
});

test('servers are up only if they take writes; a server that is not configured has no sample', async () => {
  const api = createProgramMetrics('api');
  const { servers } = sharedMetrics(api);
  servers({ postgres: 'read_only', redis: 'not_configured' });
  expect(await samplesOf(api, 'carillon_server_up')).toEqual(['carillon_server_up{server="postgres"} 0']);
  servers({ postgres: 'ok', redis: 'down' });
  expect(await samplesOf(api, 'carillon_server_up')).toEqual([
    'carillon_server_up{server="postgres"} 1',
    'carillon_server_up{server="redis"} 0',
  ]);
});

test('a name, a label or a program that is not in the table does not compile', () => {
  const api = createProgramMetrics('api');
  // @ts-expect-error: a metric of workers.
  expect(() => api.counter('carillon_retries_total')).toThrow(
    'carillon_retries_total is not a metric of api',
  );
  // @ts-expect-error: no metric at all.
  expect(() => api.gauge('carillon_nothing')).toThrow('carillon_nothing is not a metric of api');
  type Inc = Parameters<ReturnType<typeof api.counter<'carillon_api_accepted_total'>>['inc']>[0];
  // @ts-expect-error: a label is missing.
  const without: Inc = { outcome: 'fresh' };
  // @ts-expect-error: a label that the metric does not have.
  const more: Inc = { outcome: 'fresh', priority: 'bulk', app: 'a' };
  expect(Object.keys({ ...without, ...more })).toEqual(['outcome', 'priority', 'app']);
});
