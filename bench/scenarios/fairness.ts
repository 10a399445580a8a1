import { setTimeout as pause } from 'node:timers/promises';
import { mintApiKey } from '@carillon/services/api-keys/mint';
import type { Contender } from '../contender.ts';
import { runLoad } from '../load/run-load.ts';
import { findFaults } from '../measure/ledger.ts';
import type { CarillonSystem } from '../system.ts';
import { BULK_MAIL, loadJob, type Run } from './run.ts';

const SMALL = 1_000;
const TURNS = 2;
/** Of the backlog that are out before the second app posts: its lane is full and drains by then. */
const UNDER_WAY = 1_000;
const TIMEOUT_MS = 600_000;
const QUIET_MS = 60_000;
const POLL_MS = 100;

/**
 * How long an app waits for its 1,000 bulk messages, from its first POST to the last acceptance: alone, and beside the
 * backlog of another app.
 */
export async function fairness(
  run: Run,
  carillon: CarillonSystem,
  { backlog }: { backlog: number },
): Promise<void> {
  const { figures, say } = run;
  const other = await addApp(carillon);
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      await carillon.clear();
      const aloneMs = await small(run, carillon, other);
      const { ms, perSecond } = await besideBacklog(run, carillon, other, backlog);
      figures.add('fairness alone', 'carillon', aloneMs);
      figures.add('fairness beside', 'carillon', ms);
      figures.add('fairness drain', 'carillon', perSecond);
      figures.add('fairness ratio', 'carillon', ms / (3 * aloneMs + 5_000));
      say(
        `carillon: ${SMALL} bulk messages took ${aloneMs.toFixed(0)} ms alone, ${ms.toFixed(0)} ms beside ${backlog}, of which ${perSecond.toFixed(0)} a second were sent`,
      );
    }
  } finally {
    await carillon.stopBulkWorkers();
    await carillon.clear();
    await removeApp(carillon, other.appId);
    await carillon.startBulkWorkers();
  }
}

type OtherApp = Pick<Contender, 'target'> & { appId: string };

async function besideBacklog(
  run: Run,
  carillon: CarillonSystem,
  other: OtherApp,
  backlog: number,
): Promise<{ ms: number; perSecond: number }> {
  const { ground } = run;
  await carillon.stopBulkWorkers();
  await carillon.clear();
  const load = loadJob(carillon, BULK_MAIL, { kind: 'closed', count: backlog, batch: 500, connections: 4 });
  await runLoad(load, TIMEOUT_MS);
  await ground.checkpoint();
  const mark = await ground.ledger.mark();
  await carillon.startBulkWorkers();
  await ground.ledger.waitFor(mark, UNDER_WAY, QUIET_MS);
  const [begun, startedAt] = [await ground.ledger.mark(), performance.now()];
  const ms = await small(run, carillon, other);
  const sent = (await ground.ledger.mark()) - begun - SMALL;
  const seconds = (performance.now() - startedAt) / 1000;
  if (sent >= backlog - UNDER_WAY) throw new Error('the backlog was out before the 1,000 messages beside it');
  return { ms, perSecond: sent / seconds };
}

/** @returns milliseconds until the messages of the second app are out. */
async function small({ ground, figures }: Run, carillon: CarillonSystem, other: OtherApp): Promise<number> {
  const mark = await ground.ledger.mark();
  const job = loadJob(other, BULK_MAIL, {
    kind: 'closed',
    count: SMALL,
    batch: 500,
    connections: 2,
  });
  const { startedAtMs } = await runLoad(job, TIMEOUT_MS);
  const ids = await untilSent(carillon, other.appId, startedAtMs);
  const arrivals = (await ground.ledger.arrivals(mark)).filter(({ id }) => ids.has(id));
  figures.judge('fairness', findFaults(ids, arrivals));
  return Math.max(...arrivals.map(({ atMs }) => atMs)) - startedAtMs;
}

/** @returns the ids of the app's messages since then, when all of them are sent or the time is over. */
async function untilSent({ sql }: CarillonSystem, appId: string, sinceMs: number): Promise<Set<string>> {
  for (const deadline = Date.now() + TIMEOUT_MS; ; await pause(POLL_MS)) {
    const rows = await sql<{ id: string; state: string }[]>`
      select id, state from notifications
      where app_id = ${appId} and environment = 'live' and created_at >= ${new Date(sinceMs - 1_000)}`;
    const isOver = rows.filter(({ state }) => state === 'sent' || state === 'delivered').length === SMALL;
    if (isOver || Date.now() > deadline) return new Set(rows.map(({ id }) => id));
  }
}

async function addApp({ sql, target }: CarillonSystem): Promise<OtherApp> {
  const [app] = await sql<{ id: string }[]>`insert into apps (name) values ('Fairness') returning id`;
  const minted = await sql.begin((tx) =>
    mintApiKey(tx, {
      appId: app!.id,
      environment: 'live',
      name: 'bench',
      scopes: ['admin'],
      ratePerSecond: null,
      expiresAt: null,
    }),
  );
  return { appId: app!.id, target: { ...target, apiKey: minted.text } };
}

async function removeApp({ sql }: CarillonSystem, appId: string): Promise<void> {
  await sql`delete from api_keys where app_id = ${appId}`;
  await sql`delete from apps where id = ${appId}`;
}
