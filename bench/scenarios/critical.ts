import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from '../contender.ts';
import type { ControlSystem } from '../control-system.ts';
import type { LoadResult } from '../load/job.ts';
import { runLoad, startLoad } from '../load/run-load.ts';
import { type Arrival, findFaults } from '../measure/ledger.ts';
import { percentile } from '../measure/percentiles.ts';
import type { CarillonSystem } from '../system.ts';
import { BULK_MAIL, CRITICAL_MAIL, loadJob, type Run } from './run.ts';

const PER_SECOND = 50;
const TIMEOUT_MS = 300_000;
const QUIET_MS = 15_000;
/** What comes later than this after the last send counts as not arrived. */
const GRACE_MS = 3_000;
const START_MS = 1_000;
const FIGURE = 'critical';

/**
 * One-time passwords (50 a second, from the POST written to the provider's acceptance) while a campaign drains. The
 * backlog is accepted beforehand with the bulk workers stopped; the clock runs from the first bulk delivery on.
 */
export async function criticalDuringDrain(
  run: Run,
  carillon: CarillonSystem,
  { backlog, seconds }: { backlog: number; seconds: number },
): Promise<void> {
  const { ground, figures, say } = run;
  await carillon.stopBulkWorkers();
  await carillon.clear();
  const bulk = loadJob(carillon, BULK_MAIL, { kind: 'closed', count: backlog, batch: 500, connections: 4 });
  await runLoad(bulk, TIMEOUT_MS);
  await ground.checkpoint();

  const mark = await ground.ledger.mark();
  await carillon.startBulkWorkers();
  await ground.ledger.waitFor(mark, 1, QUIET_MS);
  const beganMs = Date.now();
  const load = startLoad(
    loadJob(carillon, CRITICAL_MAIL, { kind: 'steady', perSecond: PER_SECOND }),
    TIMEOUT_MS,
  );
  await Promise.race([pause(seconds * 1000), ground.ledger.waitFor(mark, backlog, QUIET_MS)]);
  load.stop();
  const { sent, refused } = await load.result;
  const endedMs = Date.now();
  await ground.ledger.waitFor(mark, backlog + sent.length, QUIET_MS);

  const arrivals = await ground.ledger.arrivals(mark);
  const faults = findFaults(await carillon.acceptedIds(), arrivals);
  figures.judge('critical carillon', { ...faults, lost: faults.lost + refused });
  report(run, carillon, latencies(sent, arrivals), sent.length);
  // The bulk workers have only just started: their engines compile what runs first, and take the processors to do so.
  const settled = sent.filter(({ atMs }) => atMs >= beganMs + START_MS);
  if (settled.length > 0)
    figures.add(`${FIGURE} settled p99`, carillon.name, percentile(latencies(settled, arrivals), 0.99));
  const criticalIds = new Set(sent.map(({ id }) => id));
  reportDrain(
    run,
    carillon,
    arrivals.filter(({ id }) => !criticalIds.has(id)),
    beganMs,
    endedMs,
  );
  say(`carillon: critical drain lost ${faults.lost}, doubled ${faults.doubled}`);
}

/** The same for the control, whose only queue has the campaign before everything else; stopped after a while. */
export async function criticalBehindBacklog(
  run: Run,
  control: ControlSystem,
  { backlog, seconds }: { backlog: number; seconds: number },
): Promise<void> {
  const { ground } = run;
  await control.stopWorkers();
  await control.clear();
  await control.fill(backlog);
  await ground.checkpoint();

  const mark = await ground.ledger.mark();
  await control.startWorkers();
  await ground.ledger.waitFor(mark, 1, QUIET_MS);
  const beganMs = Date.now();
  const load = startLoad(
    loadJob(control, CRITICAL_MAIL, { kind: 'steady', perSecond: PER_SECOND }),
    TIMEOUT_MS,
  );
  await pause(seconds * 1000);
  load.stop();
  const { sent } = await load.result;
  const endedMs = Date.now();
  await pause(GRACE_MS);
  const arrivals = await ground.ledger.arrivals(mark);
  // Stopped in the middle, so nothing can be called lost.
  const { doubled } = findFaults(new Set(), arrivals);
  run.figures.judge('critical control', { lost: 0, doubled });
  await control.stopWorkers();
  await control.clear();
  await control.startWorkers();

  report(run, control, latencies(sent, arrivals, endedMs + GRACE_MS), sent.length);
  const criticalIds = new Set(sent.map(({ id }) => id));
  reportDrain(
    run,
    control,
    arrivals.filter(({ id }) => !criticalIds.has(id)),
    beganMs,
    endedMs,
  );
}

/**
 * @param givenUpMs when it was stopped: what had not arrived by then waited at least so long. Without it, what did not
 *   arrive is lost and judged as such.
 */
function latencies(sent: LoadResult['sent'], arrivals: readonly Arrival[], givenUpMs?: number): number[] {
  const arrivedMs = new Map(arrivals.map(({ id, atMs }) => [id, atMs]));
  return sent
    .map(({ id, atMs }) => (arrivedMs.get(id) ?? givenUpMs ?? Number.NaN) - atMs)
    .filter((ms) => !Number.isNaN(ms));
}

function report({ figures, say }: Run, { name }: Contender, ms: readonly number[], sent: number): void {
  for (const share of [50, 95, 99]) figures.add(`${FIGURE} p${share}`, name, percentile(ms, share / 100));
  const shown = [50, 95, 99].map((share) => `p${share} ${percentile(ms, share / 100).toFixed(1)}`);
  say(`${name}: critical ${shown.join(', ')} ms of ${sent} sent`);
}

function reportDrain(
  { figures, say }: Run,
  { name }: Contender,
  bulk: readonly Arrival[],
  beganMs: number,
  endedMs: number,
): void {
  const inWindow = bulk.filter(({ atMs }) => atMs >= beganMs && atMs <= endedMs);
  const lastMs = inWindow.reduce((last, { atMs }) => Math.max(last, atMs), beganMs + 1);
  const perSecond = inWindow.length / ((lastMs - beganMs) / 1000);
  figures.add(`${FIGURE} bulk`, name, perSecond);
  say(`${name}: ${Math.round(perSecond)} bulk/s meanwhile`);
}
