import { setTimeout as pause } from 'node:timers/promises';
import { runLoad, startLoad } from '../load/run-load.ts';
import { findFaults } from '../measure/ledger.ts';
import { percentile } from '../measure/percentiles.ts';
import type { CarillonSystem } from '../system.ts';
import { loadJob, NORMAL_MAIL, type Run } from './run.ts';

const PER_SECOND = 100;
/** One in a hundred fails whenever it is tried, so that its doubt is repeated for as long as the run lasts. */
const FAILING_EVERY = 100;
const TIMEOUT_MS = 300_000;
const QUIET_MS = 15_000;
const FIGURE = 'poisoned';

/**
 * Ordinary e-mails (100 a second, from the POST written to the provider's acceptance), first without and then beside
 * messages that the provider always fails; every second round the other way round.
 */
export async function besidePoisoned(
  run: Run,
  carillon: CarillonSystem,
  { seconds, round }: { seconds: number; round: number },
): Promise<void> {
  const p99: Record<'none' | 'some', number> = { none: Number.NaN, some: Number.NaN };
  for (const which of round % 2 === 0 ? (['none', 'some'] as const) : (['some', 'none'] as const))
    p99[which] = await turn(run, carillon, seconds, which === 'some' ? FAILING_EVERY : undefined);
  const { figures, say } = run;
  figures.add(`${FIGURE} none p99`, carillon.name, p99.none);
  figures.add(`${FIGURE} p99`, carillon.name, p99.some);
  figures.add(`${FIGURE} ratio`, carillon.name, p99.some / p99.none);
  say(
    `${carillon.name}: normal p99 ${p99.none.toFixed(1)} ms, beside failing ones ${p99.some.toFixed(1)} ms`,
  );
}

/** @returns the 99th percentile, in ms, of those that do not fail. */
async function turn(
  run: Run,
  carillon: CarillonSystem,
  seconds: number,
  failingEvery: number | undefined,
): Promise<number> {
  const { ground, figures, say } = run;
  await carillon.clear();
  await ground.checkpoint();
  const message = { ...NORMAL_MAIL, ...(failingEvery === undefined ? {} : { failingEvery }) };
  await runLoad(loadJob(carillon, NORMAL_MAIL, WARM_UP), TIMEOUT_MS);
  await ground.ledger.waitFor(await ground.ledger.mark(), WARM_UP.count, SETTLE_MS);
  await carillon.clear();
  const moved = await breakersOf(carillon);
  const mark = await ground.ledger.mark();
  const load = startLoad(loadJob(carillon, message, { kind: 'steady', perSecond: PER_SECOND }), TIMEOUT_MS);
  await pause(seconds * 1000);
  load.stop();
  const { sent, refused } = await load.result;
  const failing = failingEvery === undefined ? 0 : Math.floor((sent.length + refused) / failingEvery);
  await ground.ledger.waitFor(mark, sent.length - failing, QUIET_MS);

  const arrivals = await ground.ledger.arrivals(mark);
  const { lost, doubled } = findFaults(await carillon.acceptedIds(), arrivals);
  figures.judge(`${FIGURE} carillon`, { lost: Math.max(0, lost - failing) + refused, doubled });
  const arrivedMs = new Map(arrivals.map(({ id, atMs }) => [id, atMs]));
  const latencies = sent.flatMap(({ id, atMs }) => {
    const arrived = arrivedMs.get(id);
    return arrived === undefined ? [] : [arrived - atMs];
  });
  if (failingEvery !== undefined) {
    const after = await breakersOf(carillon);
    const changed = [...after].filter(([account, changedAt]) => moved.get(account) !== changedAt);
    figures.add(`${FIGURE} breakers`, carillon.name, changed.length);
    say(`${carillon.name}: ${failing} of ${sent.length} always fail, ${await repeatsIn(carillon)} repeats`);
  }
  return percentile(latencies, 0.99);
}

const WARM_UP = { kind: 'closed', count: 300, batch: 1, connections: 8 } as const;
/** The warm-up may be over before its end is looked for. */
const SETTLE_MS = 2_000;

/** When each breaker entered its present state. */
async function breakersOf({ sql }: CarillonSystem): Promise<Map<string, number>> {
  const rows = await sql<
    { account: string; changed_at: Date }[]
  >`select account, changed_at from circuit_breakers`;
  return new Map(rows.map(({ account, changed_at }) => [account, changed_at.getTime()]));
}

async function repeatsIn({ sql }: CarillonSystem): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from notification_history
    where actor = 'resolver' and detail ->> 'decision' = 'repeat'`;
  return row.count;
}
