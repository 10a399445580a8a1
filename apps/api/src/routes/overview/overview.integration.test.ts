import type { Flow } from '@carillon/db/overview/count-flows';
import { storeLevels, storeMeasured, storeMinute } from '@carillon/db/overview/write-measured';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertPastSends } from '../../../../../test/support/flows.ts';
import { until } from '../../../../../test/support/until.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeEach(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterEach(async () => {
  await api.close();
  await database.drop();
});

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ago = (ms: number): Date => new Date(Date.now() - ms);
const read = (path = '/v1/overview', key?: string) =>
  api.request('GET', path, undefined, key === undefined ? {} : { key });
const breaker = (account: string, state: string) => api.db.sql`
  insert into circuit_breakers (account, channel, state, probe_at)
  values (${account}, 'email', ${state}, ${state === 'open' ? new Date() : null})`;

test('an empty installation has zeros and nulls, not errors', async () => {
  const { status, body } = await read();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    environment: 'live',
    rates: { accepted_per_second: 0, sent_per_second: 0 },
    priorities: [
      { priority: 'critical', accepted: 0, sent: 0, end_to_end_ms: null },
      { priority: 'normal' },
      { priority: 'bulk' },
    ],
    accounts: [],
    backlog: { dead: 0, dead_is_complete: true, events_pending: 0 },
    redis: null,
    stuck: null,
  });
  expect(body.lanes).toHaveLength(12);
  expect(body.lanes[0]).toMatchObject({ waiting: null, oldest_seconds: null, outbox_rows: 0 });
});

test('rates, latencies and accounts are counted from the rows of the last minutes, by environment', async () => {
  const { sql } = api.db;
  const { appId } = api;
  await breaker('resend', 'closed');
  await breaker('postmark', 'open');
  const live = { appId, environment: 'live' as const, account: 'resend' };
  await insertPastSends(sql, { ...live, createdAt: ago(20_400), endedAt: ago(20_000), count: 18 });
  await insertPastSends(sql, {
    ...live,
    createdAt: ago(10_000),
    endedAt: ago(9_000),
    count: 2,
    outcome: 'throttled',
  });
  await insertPastSends(sql, { appId, createdAt: ago(20_000), endedAt: ago(20_000), count: 7 });
  await insertPastSends(sql, { ...live, createdAt: ago(10 * MINUTE), endedAt: ago(10 * MINUTE), count: 500 });

  const { body } = await read();
  expect(body.priorities[1]).toMatchObject({ priority: 'normal', accepted: 20, sent: 18 });
  expect(body.priorities[1].end_to_end_ms.p50 / 400).toBeCloseTo(1, 0);
  expect(body.accounts).toMatchObject([
    { account: 'postmark', use: 'not_used', breaker: 'open', attempts: 0, success: null },
    {
      account: 'resend',
      use: 'in_use',
      attempts: 20,
      accepted: 18,
      success: 0.9,
      outcomes: { accepted: 18, throttled: 2 },
    },
  ]);
  const { from, to, accepted_per_second: perSecond } = body.rates;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  expect(perSecond).toBeCloseTo(20 / seconds, 1);

  const test_ = await read('/v1/overview', await api.key({ environment: 'test', scopes: ['overview:read'] }));
  expect(test_.body).toMatchObject({ environment: 'test', priorities: [{}, { accepted: 7, sent: 7 }, {}] });
});

test('one answer serves all who ask within two seconds, and the next has what came since', async () => {
  const first = await Promise.all(Array.from({ length: 20 }, () => read()));
  expect(new Set(first.map(({ body }) => body.measured_at)).size).toBe(1);
  await insertPastSends(api.db.sql, {
    appId: api.appId,
    createdAt: new Date(),
    environment: 'live',
    count: 3,
  });
  expect((await read()).body.measured_at).toBe(first[0]!.body.measured_at);
  // An answer that took long serves for longer.
  await until('the next answer', async () => (await read()).body.priorities[1].accepted === 3);
});

test('minutes before the first look come from the rollup, without a gap', async () => {
  const flow = (count: number): Flow => ({
    series: 'accepted',
    environment: 'live',
    label: 'bulk',
    count,
    buckets: null,
  });
  const minute = (minutes: number) => new Date(Math.floor(ago(minutes * MINUTE).getTime() / MINUTE) * MINUTE);
  await storeMinute(api.db.sql, minute(2), [flow(5)]);
  await storeMinute(api.db.sql, minute(3), [flow(30)]);
  await storeMinute(api.db.sql, minute(8), [flow(700)]);
  const { body } = await read();
  expect(body.priorities[2]).toMatchObject({ priority: 'bulk', accepted: 35 });
  expect(body.window.from).toBe(minute(3).toISOString());
});

test('what the leader of the workers measured is shown with its time', async () => {
  const { sql } = api.db;
  await storeMeasured(sql, 'redis', {
    lanes: [{ lane: 'email-bulk', waiting: 12, delayed: 3, active: 2, failed: 1, oldestSeconds: 4.26 }],
    usedBytes: 5_000_000,
    maxBytes: 0,
  });
  await storeMeasured(sql, 'postgres', {
    outbox: [{ lane: 'email-bulk', known: 40, unknown: 1, lagSeconds: 2.5 }],
    doubts: [{ waitsFor: 'person', count: 2, oldestSeconds: 60 }],
    dead: 100_000,
    eventsPending: 9,
  });
  await storeMeasured(sql, 'stuck', { counts: { pending: 0, overdue: 3 } });
  const { body } = await read();
  expect(body.lanes.find(({ lane }: { lane: string }) => lane === 'email-bulk')).toEqual({
    lane: 'email-bulk',
    waiting: 12,
    delayed: 3,
    active: 2,
    failed: 1,
    oldest_seconds: 4.3,
    outbox_rows: 41,
    relay_lag_seconds: 2.5,
  });
  expect(body).toMatchObject({
    backlog: {
      dead: 100_000,
      dead_is_complete: false,
      in_doubt: [{ waits_for: 'person', count: 2, oldest_seconds: 60 }],
      events_pending: 9,
    },
    redis: { used_bytes: 5_000_000, max_bytes: null },
    stuck: { count: 3, by_kind: { pending: 0, overdue: 3 } },
  });
});

test('where no worker leads, what PostgreSQL knows is measured by the API; Redis stays as old as it is', async () => {
  const { sql } = api.db;
  await storeMeasured(sql, 'postgres', { outbox: [], doubts: [], dead: 77, eventsPending: 0 });
  await storeMeasured(sql, 'redis', { lanes: [], usedBytes: 1, maxBytes: 0 });
  await sql`update measured_now set measured_at = now() - interval '2 minutes'`;
  await sql`insert into outbox (lane, ids) values ('sms-bulk', array[gen_random_uuid()])`;
  const { body } = await read();
  expect(body.backlog.dead).toBe(0);
  expect(Date.parse(body.backlog.measured_at)).toBeGreaterThan(Date.now() - 10_000);
  expect(body.lanes.find(({ lane }: { lane: string }) => lane === 'sms-bulk').outbox_rows).toBe(1);
  expect(Date.parse(body.redis.measured_at)).toBeLessThan(Date.now() - 100_000);
});

test('the history has a value for each step, and null where nobody measured', async () => {
  const { sql } = api.db;
  const minute = new Date(Math.floor(ago(30 * MINUTE).getTime() / (10 * MINUTE)) * 10 * MINUTE);
  const flow = (
    series: Flow['series'],
    label: string,
    count: number,
    buckets: number[] | null = null,
  ): Flow => ({
    series,
    environment: 'live',
    label,
    count,
    buckets,
  });
  await storeMinute(sql, minute, [
    flow('accepted', 'normal', 120),
    flow('end_to_end', 'normal', 60, [0, 0, 0, 60]),
    flow('attempts', 'resend/accepted', 60),
    flow('attempts', 'resend/transient', 20),
  ]);
  await storeMinute(sql, new Date(minute.getTime() + MINUTE), [flow('end_to_end', 'normal', 1, [0, 1])]);
  await storeLevels(sql, [
    { series: 'dead', label: '', value: 5 },
    { series: 'redis_bytes', label: '', value: 9_000 },
    { series: 'lane_waiting', label: 'email-bulk', value: 8 },
  ]);
  const { status, body } = await read('/v1/overview/history?hours=1');
  expect(status).toBe(200);
  expect([body.step_seconds, body.at.length]).toEqual([60, 60]);
  const k = body.at.indexOf(minute.getTime() / 1000);
  expect(body.accepted.normal.slice(k - 1, k + 2)).toEqual([null, 2, 0]);
  expect(body.sent.normal[k]).toBe(1);
  expect(body.sent.critical[k]).toBe(0);
  expect(body.end_to_end_ms.normal.p50.slice(k - 1, k + 2)).toEqual([null, 1.6, 1.1]);
  expect(body.attempts.resend.success[k]).toBe(0.75);
  expect(body.attempts.resend.attempts[k + 1]).toBe(0);
  expect(body.dead.at(-1)).toBe(5);
  expect(body.in_doubt.at(-1)).toBe(0);
  expect(body.dead[k]).toBeNull();
  expect(body.lanes['email-bulk'].waiting.at(-1)).toBe(8);
  expect(body.lanes['email-bulk'].oldest_seconds.at(-1)).toBe(0);

  const day = await read('/v1/overview/history');
  expect([day.body.step_seconds, day.body.at.length]).toEqual([300, 288]);
  const step = day.body.at.indexOf((Math.floor(minute.getTime() / 300_000) * 300_000) / 1000);
  expect(day.body.accepted.normal[step]).toBe(1);
  expect((await read('/v1/overview/history?hours=5')).status).toBe(422);
});

test('a key without the scope is refused', async () => {
  const key = await api.key({ scopes: ['notifications:read'] });
  for (const path of ['/v1/overview', '/v1/overview/history'])
    expect((await read(path, key)).status).toBe(403);
});
