import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { leaseSize } from '@carillon/limiter/limiter';
import { findPooler, startPooler } from '../../support/pooler.ts';
import { startCluster } from '../../support/redis-cluster.ts';
import { until } from '../../support/until.ts';
import { type Cell, openCell } from '../cell/cell.ts';
import { type GroundServers, prepareGround } from '../cell/ground.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import { COLUMNS } from '../crash/columns.ts';
import type { Finding } from '../judge/rules.ts';
import { startEndlessLoad } from '../load/endless-load.ts';
import type { NeighboursResult } from '../neighbours/run-neighbours.ts';
import { RATE_OF } from '../system/accounts.ts';
import { callApiAt } from '../system/call-api.ts';
import { simulatorAt } from '../system/simulator.ts';
import { type NodeCounts, startNodes } from './nodes.ts';
import { callsOf, unevenAmong, watchLeaders } from './worker-metrics.ts';

const LEASE_SECONDS = 8;
const COUNTS: NodeCounts = { apis: 3, workers: 4, dashboards: 2 };
const ENOUGH = 10;
const POOL = { default_pool_size: '30' };

export interface NodesOptions {
  /** Messages to one account with a rate, sent at once after the restart. */
  burst: number;
  settleMs: number;
}

/**
 * Three APIs, four workers and two dashboards on a Redis Cluster of three masters and behind a pooler in transaction mode,
 * which has fewer connections than they open. Under load one process after the other is
 * replaced; then more is asked for than an account may be sent: nothing is lost, doubled or refused, the rate is kept over
 * all workers, they share the work, and one of them leads.
 */
export async function runNodes(
  servers: Omit<GroundServers, 'redisUrl'>,
  { burst, settleMs }: NodesOptions,
): Promise<NeighboursResult> {
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-nodes-'));
  const stoppers: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    const cluster = await startCluster(dir, { replicas: false });
    stoppers.push(cluster.stop);
    const ground = await prepareGround({ ...servers, redisUrl: cluster.url });
    stoppers.push(ground.stop);
    const cell = await openCell(ground, 'nodes', LEASE_SECONDS);
    stoppers.push(cell.close);
    const load = startEndlessLoad(cell, 'nodes');
    const found = findPooler();
    const pooler =
      'missing' in found ? null : await startPooler(found, { server: cell.databaseUrl, settings: POOL });
    if (pooler) stoppers.push(pooler.stop);
    const pooled = pooler && {
      DATABASE_URL: pooler.through(cell.databaseUrl),
      DATABASE_POOLER: 'transaction',
      DATABASE_DIRECT_URL: cell.databaseUrl,
    };
    const nodes = await startNodes(cell, load, COUNTS, pooled ?? {});
    const leaders = watchLeaders(() => nodes.urls('worker'));
    const apis = ['api 1', 'api 2', 'api 3'];
    const before = await load.untilSent(apis, ENOUGH);
    const disorder = await nodes.rollOver();
    const after = await load.untilSent(apis, ENOUGH);
    await load.end();
    const shared = await shareBurst(cell, burst, nodes.urls('api'), nodes.urls('worker'));
    const findings = [...load.findings, ...disorder, ...shared.findings, ...(await leaders.end())];
    await cell.settle(settleMs);
    const verdict = await cell.judge();
    return {
      findings: [...findings, ...verdict.findings],
      story: [
        'missing' in found ? `without a pooler: ${found.missing}` : 'behind a pooler',
        `${before.join(' + ')} messages of three APIs were sent before, ${after.join(' + ')} after all processes were replaced`,
        shared.story,
      ],
    };
  } finally {
    for (const each of stoppers.reverse()) await each();
  }
}

/** More messages than the account may be sent in a second, through all APIs. */
async function shareBurst(
  cell: Cell,
  count: number,
  apis: readonly string[],
  workers: readonly string[],
): Promise<{ findings: Finding[]; story: string }> {
  const column = COLUMNS[0]!;
  const rate = RATE_OF[column.provider]!;
  const calls = apis.map((url) => callApiAt(url, cell.keys));
  let turn = 0;
  const before = await callsOf(workers);
  const items = Array.from({ length: count }, (_, n) =>
    messageTo(column, { key: `burst-${n}`, priority: 'normal' }),
  );
  const asked = await cell.ask(requestsOf(column, items), (...question) =>
    calls[turn++ % calls.length]!(...question),
  );
  const refused = asked.find(({ answer }) => answer !== 'accepted');
  if (refused) throw new Error(`a message of the burst was answered "${refused.answer}"`);
  const own = new Set(asked.map(({ id }) => id));
  const times = await until(
    'the burst to be sent',
    async () => {
      const ledger = await simulatorAt(cell.simulatorUrl).ledger();
      const sent = ledger.filter(({ notificationId }) => notificationId !== null && own.has(notificationId));
      return sent.length >= count ? sent.map(({ at }) => at) : null;
    },
    { timeoutMs: (count / rate) * 5_000 + 60_000, everyMs: 1_000 },
  );
  const done = (await callsOf(workers)).map((each, n) => each - before[n]!);
  // As the limiter promises (packages/limiter).
  const allowed = rate + leaseSize(rate) * (1 + workers.length);
  const most = mostInOneSecond(times);
  const findings = unevenAmong(done);
  if (most > allowed)
    findings.push({
      rule: 'over_rate',
      id: column.provider,
      why: `${most} in a second, allowed are ${allowed}`,
    });
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  return {
    findings,
    story: `${count} messages to an account of ${rate} a second took ${seconds.toFixed(1)} s, at most ${most} in a second; calls of the workers: ${done.join(', ')}`,
  };
}

function mostInOneSecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [to, time] of sorted.entries()) {
    while (time - sorted[from]! >= 1000) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
