import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Priority } from '@carillon/core/notification/priority';
import { leaseSize } from '@carillon/limiter/limiter';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../support/lanes.ts';
import { insertNotification } from '../support/rows.ts';
import { until } from '../support/until.ts';
import { type WorkerProcess, workerProcess } from '../support/worker-process.ts';

/** A provider account's rate, kept by real worker processes and measured where it counts: at the provider. */
let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
const workers: WorkerProcess[] = [];

beforeEach(async () => {
  bundle = await laneBundle();
  simulator = await simulatorUnderTest();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await simulator.end();
  await bundle.close();
});

const account = (ratePerSecond: number) => ({
  id: 'limited',
  provider: 'generic',
  environments: ['test'],
  channel: 'email',
  url: `${simulator.httpUrl}/generic/email`,
  credentials: { secret: 'simulator-shared-secret' },
  ratePerSecond,
});

async function start(ratePerSecond: number, ...processes: Priority[][]): Promise<void> {
  const started = processes.map((priorities) => workerProcess(bundle, [account(ratePerSecond)], priorities));
  for (const worker of await Promise.allSettled(started)) {
    if (worker.status === 'rejected') throw worker.reason;
    workers.push(worker.value);
  }
}

/** Announced a hundred to a row, as the API does with a batch. */
async function announce(count: number, priority: Priority): Promise<string[]> {
  const { sql } = bundle.db;
  const ids: string[] = [];
  for (let made = 0; made < count; made += 100) {
    const slice = await Promise.all(
      Array.from({ length: Math.min(100, count - made) }, () =>
        insertNotification(sql, { appId: bundle.appId, priority, announced: false }),
      ),
    );
    await sql`insert into outbox (lane, ids) values (${`email-${priority}`}, ${slice}::uuid[])`;
    ids.push(...slice);
  }
  return ids;
}

const arrived = async (ids: readonly string[]) => {
  const wanted = new Set(ids);
  return (await simulator.ledger()).filter((line) => wanted.has(line.notification_id ?? ''));
};

function mostInOneSecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let end = 0, begin = 0; end < sorted.length; end++) {
    while (sorted[end]! - sorted[begin]! >= 1000) begin++;
    most = Math.max(most, end - begin + 1);
  }
  return most;
}

test('three workers together never exceed an account’s rate, and waiting for it uses no attempt', async () => {
  const rate = 50;
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  await start(rate, ['normal', 'bulk'], ['normal', 'bulk'], ['normal', 'bulk']);
  stalls.enable();
  const ids = [...(await announce(200, 'normal')), ...(await announce(200, 'bulk'))];
  await until('all to arrive', async () => (await arrived(ids)).length >= ids.length, {
    timeoutMs: 60_000,
    everyMs: 200,
  });
  stalls.disable();

  const lines = await arrived(ids);
  expect(lines).toHaveLength(ids.length);
  // What limiter.ts states. The provider runs in this process: while this process is blocked, arrivals queue up.
  const stated = rate + leaseSize(rate) * (1 + workers.length);
  const piledUp = Math.ceil((stalls.max / 1e9) * rate);
  expect(mostInOneSecond(lines.map(({ at }) => Date.parse(at)))).toBeLessThanOrEqual(stated + piledUp);

  const { sql } = bundle.db;
  await until('every state to be written', async () => {
    const [row] = await sql`select count(*)::int as open from notifications where state <> 'sent'`;
    return row!.open === 0;
  });
  const costs = await sql`
    select distinct n.attempt_count, n.tries, a.outcome, a.count
    from notifications n
    cross join lateral (
      select count(*)::int as count, min(outcome) as outcome from delivery_attempts where notification_id = n.id
    ) a`;
  expect(costs).toEqual([{ attempt_count: 1, tries: 1, outcome: 'accepted', count: 1 }]);
  // Each waited many times, and its timeline says so once.
  const waits = await sql`
    select count(*)::int as rows from notification_history group by notification_id order by 1 desc limit 1`;
  expect(waits).toEqual([{ rows: 1 }]);
}, 90_000);

test('critical messages of one process go before the bulk of another at the account they share', async () => {
  // Few a second: then what counts is who is let in, not how soon a busy machine gets round to asking.
  const rate = 5;
  await start(rate, ['bulk'], ['critical']);
  const bulk = await announce(100, 'bulk');
  await until('the campaign to be under way', async () => (await arrived(bulk)).length >= rate, {
    timeoutMs: 30_000,
  });
  const critical = await announce(8, 'critical');
  await until(
    'every critical one to arrive',
    async () => (await arrived(critical)).length >= critical.length,
    {
      timeoutMs: 30_000,
    },
  );
  const seqs = (await arrived(critical)).map(({ seq }) => seq);
  const between = (await arrived(bulk)).filter(
    ({ seq }) => seq > Math.min(...seqs) && seq < Math.max(...seqs),
  );
  expect(between.length).toBeLessThan(critical.length / 2);
}, 90_000);
