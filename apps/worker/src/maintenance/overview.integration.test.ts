import { bucketOf, percentile } from '@carillon/core/overview/durations';
import { knowArrays } from '@carillon/db/connection/arrays';
import { countFlows } from '@carillon/db/overview/count-flows';
import { storeMeasured } from '@carillon/db/overview/write-measured';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertPastSends } from '../../../../test/support/flows.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { overview } from './overview.ts';

let bundle: LaneBundle;
beforeEach(async () => {
  bundle = await laneBundle();
});
afterEach(() => bundle.close());

const MINUTE = 60_000;
/** The beginning of a minute that is over, this many minutes ago. */
async function minuteAgo(minutes: number): Promise<Date> {
  const [row] = await bundle.db.sql<[{ at: Date }]>`
    select date_trunc('minute', now()) - ${minutes} * interval '1 minute' as at`;
  return row.at;
}
const plus = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const duty = () => overview({ sql: bundle.db.sql, budgetMs: 60_000 });

const rowsOf = (minute: Date) =>
  bundle.db.sql<{ series: string; environment: string; label: string; value: number; buckets: number[] }[]>`
    select series, environment, label, value::int, buckets from measured_minutes where minute = ${minute}
    order by series, environment, label`;
const told = async (minute: Date) =>
  (await rowsOf(minute)).map((row) =>
    [row.series, row.environment, row.label, row.value].filter((part) => part !== '').join(' '),
  );

test('a minute that is over has what was accepted and what calls ended in it, by the time of the rows', async () => {
  const { appId } = bundle;
  const at = await minuteAgo(3);
  await insertPastSends(bundle.db.sql, { appId, createdAt: at, endedAt: plus(at, 300), count: 3 });
  await insertPastSends(bundle.db.sql, {
    appId,
    createdAt: plus(at, -5 * MINUTE),
    endedAt: plus(at, 59_999),
    priority: 'critical',
  });
  await insertPastSends(bundle.db.sql, { appId, createdAt: plus(at, MINUTE), endedAt: plus(at, MINUTE) });
  await insertPastSends(bundle.db.sql, {
    appId,
    createdAt: plus(at, 100),
    environment: 'live',
    endedAt: plus(at, 200),
    account: 'resend',
    outcome: 'throttled',
  });
  await duty().runOnce();
  expect(await told(at)).toEqual([
    'accepted live normal 1',
    'accepted test normal 3',
    'attempts live resend/throttled 1',
    'attempts test simulator/accepted 4',
    'calls live resend 1',
    'calls test simulator 4',
    'end_to_end test critical 1',
    'end_to_end test normal 3',
    'minute 1',
  ]);
  const rows = await rowsOf(at);
  const ofPriority = (label: string) =>
    rows.find((row) => row.series === 'end_to_end' && row.label === label)!.buckets;
  expect(percentile(ofPriority('normal'), 0.5)! / 300).toBeCloseTo(1, 0);
  expect(ofPriority('critical').length - 1).toBe(bucketOf(5 * MINUTE + 59_999));
});

test('the time of a scheduled one counts from when it was due', async () => {
  const at = await minuteAgo(2);
  const sendAt = plus(at, 1_000);
  await insertPastSends(bundle.db.sql, {
    appId: bundle.appId,
    createdAt: plus(at, -60 * MINUTE),
    sendAt,
    endedAt: plus(sendAt, 500),
  });
  await duty().runOnce();
  const row = (await rowsOf(at)).find(({ series }) => series === 'end_to_end')!;
  expect(row.buckets.length - 1).toBe(bucketOf(500));
});

test('SQL and core agree on the bucket of every duration', async () => {
  const at = await minuteAgo(2);
  const durations = [0, 1, 2, 3, 10, 59, 60, 1_000, 3_456, 86_400_000];
  for (const ms of durations) {
    const from = plus(at, durations.indexOf(ms) * 10);
    await insertPastSends(bundle.db.sql, {
      appId: bundle.appId,
      createdAt: plus(from, -ms),
      endedAt: from,
      callMs: ms,
    });
  }
  const flows = await countFlows(bundle.db.sql, at, plus(at, MINUTE));
  const expected: number[] = [];
  for (const ms of durations) expected[bucketOf(ms)] = (expected[bucketOf(ms)] ?? 0) + 1;
  const dense = Array.from(expected, (count) => count ?? 0);
  expect(flows.find(({ series }) => series === 'end_to_end')!.buckets).toEqual(dense);
  expect(flows.find(({ series }) => series === 'calls')!.buckets).toEqual(dense);
});

test('counting a minute again, or in two processes at once, changes nothing', async () => {
  const at = await minuteAgo(2);
  await insertPastSends(bundle.db.sql, { appId: bundle.appId, createdAt: at, endedAt: at, count: 5 });
  await Promise.all([duty().runOnce(), duty().runOnce()]);
  const before = await rowsOf(at);
  await bundle.db.sql`delete from measured_minutes where series = 'minute'`;
  await duty().runOnce();
  expect(await rowsOf(at)).toEqual(before);
});

test('a crash between minutes loses none: the next turn counts what is missing, the newest first', async () => {
  const [old, young] = [await minuteAgo(50), await minuteAgo(2)];
  await insertPastSends(bundle.db.sql, { appId: bundle.appId, createdAt: old, count: 2 });
  await insertPastSends(bundle.db.sql, { appId: bundle.appId, createdAt: plus(old, -MINUTE) });
  const hurried = overview({ sql: bundle.db.sql, budgetMs: 0 });
  await hurried.runOnce();
  const [first] = await bundle.db.sql<[{ minute: Date }]>`
    select min(minute) as minute from measured_minutes where series = 'minute'`;
  expect(first.minute >= young).toBe(true);
  await duty().runOnce();
  expect(await told(old)).toContain('accepted test normal 2');
});

test('a new installation counts from now on, not the day before it', async () => {
  await duty().runOnce();
  const [row] = await bundle.db.sql<[{ count: number }]>`select count(*)::int as count from measured_minutes`;
  expect(row.count).toBe(0);
});

test('a minute is not counted before its last rows are committed', async () => {
  await insertPastSends(bundle.db.sql, { appId: bundle.appId, createdAt: await minuteAgo(9) });
  await duty().runOnce();
  const [row] = await bundle.db.sql<[{ settled: boolean }]>`
    select bool_and(minute + interval '75 seconds' <= now()) as settled from measured_minutes where series = 'minute'`;
  expect(row.settled).toBe(true);
});

test('levels are the highest sample of a minute, and old ones are no samples', async () => {
  const { sql } = bundle.db;
  const store = (dead: number) =>
    storeMeasured(sql, {
      postgres: {
        outbox: [{ lane: 'sms-bulk', known: 2, unknown: 0, lagSeconds: 1.5 }],
        doubts: [{ waitsFor: 'person', count: 4, oldestSeconds: 9 }],
        dead,
        eventsPending: 0,
      },
    });
  const levels = async () =>
    (
      await sql<{ series: string; label: string; value: number }[]>`
        select series, label, max(value)::int as value from measured_minutes where series <> 'minute'
        group by series, label order by series`
    ).map(({ series, label, value }) => [series, label, value].filter((part) => part !== '').join(' '));
  for (const dead of [3, 7, 2]) {
    await store(dead);
    await duty().runOnce();
  }
  expect(await levels()).toEqual(['dead 7', 'in_doubt person 4', 'relay_lag_ms sms-bulk 1500']);
  await sql`delete from measured_minutes`;
  await sql`update measured_now set measured_at = now() - interval '2 minutes'`;
  await duty().runOnce();
  expect(await levels()).toEqual([]);
});

test('minutes are kept for two days', async () => {
  const { sql } = bundle.db;
  await sql`
    insert into measured_minutes (minute, series, value)
    values (now() - interval '47 hours', 'dead', 1), (now() - interval '49 hours', 'dead', 1)`;
  await duty().runOnce();
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from measured_minutes where series = 'dead'`;
  expect(row.count).toBe(1);
});

test('with 200,000 notifications and calls the figures of a minute read no whole table', async () => {
  const sent: { query: string; parameters: unknown[] }[] = [];
  // Without the settings of the hot pool, which forbid reading whole tables and end long statements.
  const plain = postgres(bundle.databaseUrl, {
    max: 1,
    fetch_types: false,
    debug: (_connection, query, parameters) => sent.push({ query, parameters }),
  });
  knowArrays(plain);
  await plain`
    insert into notifications (id, app_id, created_at, state, environment, priority, channel, route, address, content, idempotency_key, request_hash)
    select md5(n::text)::uuid, ${bundle.appId}, now() - n * interval '50 milliseconds', 'skipped', 'test', 'bulk', 'email',
      array['email'], '{"email":"a@b.test"}', '{"text":"t"}', 'key-' || n, '\\x00'
    from generate_series(200000, 1, -1) n`;
  await plain`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome, provider_message_id, latency_ms)
    select md5(n::text)::uuid, 1, 'answered', 'email', 'smtp', now(), now() - n * interval '50 milliseconds', 'accepted', 'm' || n, 20
    from generate_series(200000, 1, -1) n`;
  await plain`vacuum analyze notifications`;
  await plain`vacuum analyze delivery_attempts`;
  try {
    const at = await minuteAgo(30);
    const flows = await countFlows(plain, at, plus(at, MINUTE));
    expect(flows.find(({ series }) => series === 'accepted')?.count).toBe(1_200);
    const { query, parameters } = sent.find((each) => each.query.includes('end_to_end'))!;
    const rows = await plain.unsafe<{ 'QUERY PLAN': string }[]>(
      `explain (analyze, buffers) ${query}`,
      parameters as never[],
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Bitmap Index Scan on delivery_attempts_by_end/);
    expect(plan).toMatch(/Index Scan using notifications_by_app/);
    expect(plan).not.toMatch(/Seq Scan on (notifications|delivery_attempts)/);
  } finally {
    await plain.end();
  }
}, 90_000);
