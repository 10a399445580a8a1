import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

/** kill -9 of each part while messages flow: what was answered 202 arrives, and once. */
let system: RunningSystem;
beforeAll(async () => {
  // Short leases, so that waiting for the end of one is short.
  system = await runningSystem({ WORKER_LEASE_SECONDS: '8' });
}, 120_000);
afterAll(() => system?.stop());

const batch = (n: number, priority?: string) =>
  Array.from({ length: n }, (_, k) => ({
    to: { email: `ok+${k}@example.test` },
    channel: 'email',
    priority: priority ?? (k % 2 ? 'bulk' : 'normal'),
    content: { subject: 'Crash', text: 'Crash' },
  }));

/** Sends until the API takes it; only answered ids count. */
async function accepted(n: number, priority?: string): Promise<string[]> {
  const answer = await until(
    'the API to accept',
    () =>
      system.api('POST', '/v1/notifications/batch', { notifications: batch(n, priority) }).catch(() => null),
    { timeoutMs: 30_000 },
  );
  return answer.body.results.map((result: { id: string }) => result.id);
}

/** A receipt may have said more already than the provider's answer. */
const SETTLED = ['sent', 'delivered', 'in_doubt'];

async function allSettled(ids: readonly string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  await until(
    'every notification to settle',
    async () => {
      for (const id of ids) {
        const state = states.get(id);
        if (state && SETTLED.includes(state)) continue;
        states.set(id, (await system.api('GET', `/v1/notifications/${id}`)).body.status);
      }
      return [...states.values()].every((state) => SETTLED.includes(state));
    },
    { timeoutMs: 110_000, everyMs: 250 },
  );
  return states;
}

async function sentOnceOrInDoubt(ids: readonly string[]): Promise<void> {
  const states = await allSettled(ids);
  const copies = new Map<string, number>();
  for (const line of await system.ledger())
    if (line.notification_id) copies.set(line.notification_id, (copies.get(line.notification_id) ?? 0) + 1);
  for (const id of ids) {
    const count = copies.get(id) ?? 0;
    expect(count, `${id} reached a provider ${count} times`).toBeLessThanOrEqual(1);
    if (states.get(id) !== 'in_doubt') expect(count, `${id} is sent but no provider has it`).toBe(1);
  }
}

const cameBack = (before: number, now: () => number | null | undefined) =>
  until('the killed child to be restarted', () => typeof now() === 'number' && now() !== before, {
    timeoutMs: 30_000,
  });

test('a worker killed during work loses nothing and duplicates nothing', async () => {
  await system.behave({ provider: '*', latency_ms: 200, for_seconds: 60 });
  const ids = await accepted(300);
  const [worker] = system.run().pids.workers;
  await until('sending to begin', async () =>
    (await system.ledger()).some((line) => ids.includes(line.notification_id ?? '')),
  );
  process.kill(worker!, 'SIGKILL');
  await cameBack(worker!, () => system.run().pids.workers[0]);
  await system.behave(null);
  await sentOnceOrInDoubt(ids);
}, 150_000);

test('workers killed during a bulk action: it moves and counts each notification once', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const notifications = batch(200, 'normal').map((each) => ({
    ...each,
    category: 'bulk-e2e',
    send_at: later,
  }));
  const stored = await system.api('POST', '/v1/notifications/batch', { notifications });
  const ids: string[] = stored.body.results.map(({ id }: { id: string }) => id);
  const { body } = await system.api('POST', '/v1/bulk', {
    action: 'reschedule',
    send_at: new Date().toISOString(),
    filter: { category: 'bulk-e2e' },
    rate_per_second: 50,
  });
  expect(body.matched).toBe(200);
  const action = async () => (await system.api('GET', `/v1/bulk/${body.id}`)).body;
  for (const least of [20, 100]) {
    await until('the action to be under way', async () => (await action()).done >= least, {
      timeoutMs: 60_000,
    });
    const workers = system.run().pids.workers.filter((pid) => pid !== null);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
  }
  await until('the action to end', async () => (await action()).status === 'done', { timeoutMs: 60_000 });
  expect(await action()).toMatchObject({ done: 200, skipped: {} });
  for (const id of ids) {
    const { timeline } = (await system.api('GET', `/v1/notifications/${id}`)).body;
    const moves = timeline.filter(
      ({ detail }: { detail?: { bulk_id?: string } }) => detail?.bulk_id === body.id,
    );
    expect(moves, id).toHaveLength(1);
  }
  await sentOnceOrInDoubt(ids);
}, 180_000);

test('Redis killed and restarted: accepts continue meanwhile, deliveries resume automatically', async () => {
  const before = system.run().pids.redis!;
  process.kill(before, 'SIGKILL');
  const ids = await accepted(100);
  await cameBack(before, () => system.run().pids.redis);
  ids.push(...(await accepted(50)));
  await sentOnceOrInDoubt(ids);
}, 150_000);

test('FLUSHALL in the middle of a backlog loses nothing', async () => {
  await system.behave({ provider: '*', latency_ms: 300, for_seconds: 60 });
  const ids = (await Promise.all([1, 2, 3].map(() => accepted(400, 'bulk')))).flat();
  const redis = new Redis(system.run().redis_url);
  const waiting = await until('jobs to wait in the lane', () =>
    redis.llen('{cln:email-bulk}:email-bulk:wait'),
  );
  expect(waiting).toBeGreaterThan(0);
  await redis.flushall();
  redis.disconnect();
  await system.behave(null);
  await sentOnceOrInDoubt(ids);
}, 150_000);

test('PostgreSQL killed and restarted: what was accepted before and after arrives', async () => {
  const ids = await accepted(100);
  const before = system.run().pids.postgres!;
  process.kill(before, 'SIGKILL');
  await cameBack(before, () => system.run().pids.postgres);
  ids.push(...(await accepted(50)));
  await sentOnceOrInDoubt(ids);
}, 150_000);

test('the API killed in the middle: every answered batch arrives', async () => {
  const ids = await accepted(100);
  const before = system.run().pids.api!;
  process.kill(before, 'SIGKILL');
  await cameBack(before, () => system.run().pids.api);
  ids.push(...(await accepted(50)));
  await sentOnceOrInDoubt(ids);
}, 150_000);
