import { setTimeout as pause } from 'node:timers/promises';
import { LANES } from '@carillon/core/notification/lane';
import { stopOrigin } from '@carillon/db/origins/stops';
import { startLoad } from '../load/run-load.ts';
import { percentile } from '../measure/percentiles.ts';
import type { CarillonSystem } from '../system.ts';
import { endCampaign, storeCampaign } from './campaign-rows.ts';
import { usedMemory } from './redis-memory.ts';
import { CRITICAL_MAIL, loadJob, type Run } from './run.ts';

const QUIET_MS = 30_000;
const SAMPLE_MS = 100;
const PER_SECOND = 50;
/** What comes later than this after the last critical POST counts with the time that it has waited. */
const GRACE_MS = 5_000;
const TIMEOUT_MS = 600_000;
/** A lane that does not empty within this time is reported as such. */
const LEAVE_MS = 60_000;

/** From the moment that the campaign is due to the last message at the provider; and what Redis held meanwhile. */
export async function drain(
  { ground, say, figures }: Run,
  carillon: CarillonSystem,
  template: string,
  count: number,
): Promise<number> {
  const mark = await ground.ledger.mark();
  const sampled = sampleRedis(carillon);
  await storeCampaign(carillon, template, count);
  const dueAt = Date.now();
  await ground.ledger.waitFor(mark, count, QUIET_MS);
  const { bytes, jobs } = await sampled();
  figures.add('campaign redis', 'carillon', bytes / 1e6);
  figures.add('campaign jobs', 'carillon', jobs);
  const arrivals = await ground.ledger.arrivals(mark);
  figures.judge('campaign drain', {
    lost: Math.max(0, count - arrivals.length),
    doubled: arrivals.length - new Set(arrivals.map(({ id }) => id)).size,
  });
  const last = arrivals.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  say(
    `carillon: ${arrivals.length} of ${count} messages of a campaign arrived; Redis held ${(bytes / 1e6).toFixed(1)} MB and ${jobs} jobs at most`,
  );
  return arrivals.length / ((last - dueAt) / 1000);
}

/** @returns a function that ends it: the most memory beyond that of now, and the most jobs in all lanes. */
function sampleRedis({ redis, producer }: CarillonSystem): () => Promise<{ bytes: number; jobs: number }> {
  let isOver = false;
  const sampling = (async () => {
    const before = await usedMemory(redis);
    let [bytes, jobs] = [0, 0];
    while (!isOver) {
      const depths = await Promise.all(LANES.map((lane) => producer.depth(lane)));
      const inLanes = depths.reduce(
        (sum, { waiting, delayed, active }) => sum + waiting + delayed + active,
        0,
      );
      jobs = Math.max(jobs, inLanes);
      bytes = Math.max(bytes, (await usedMemory(redis)) - before);
      await pause(SAMPLE_MS);
    }
    return { bytes, jobs };
  })();
  return () => {
    isOver = true;
    return sampling;
  };
}

/** @returns milliseconds from the commit of a cancel to the last message that still arrived. */
export async function cancelToSilence(
  { ground, say }: Run,
  carillon: CarillonSystem,
  template: string,
  count: number,
): Promise<number> {
  const mark = await ground.ledger.mark();
  const id = await storeCampaign(carillon, template, count);
  await ground.ledger.waitFor(mark, Math.ceil(count / 10), QUIET_MS);
  await endCampaign(carillon, id);
  const cancelledAt = Date.now();
  for (
    let before = -1, now = 0;
    before !== now;
    [before, now] = [now, (await ground.ledger.arrivals(mark)).length]
  )
    await pause(1_500);
  const arrivals = await ground.ledger.arrivals(mark);
  say(`carillon: ${arrivals.length} of ${count} messages had arrived when a cancelled campaign was silent`);
  return Math.max(0, ...arrivals.map(({ atMs }) => atMs - cancelledAt));
}

/** @returns milliseconds from the commit of a pause to the moment at which no job of the campaign is in its lane. */
export async function pauseToEmptyLane(
  { ground, say }: Run,
  carillon: CarillonSystem,
  template: string,
  count: number,
): Promise<number> {
  const { sql, producer } = carillon;
  const mark = await ground.ledger.mark();
  const id = await storeCampaign(carillon, template, count);
  await ground.ledger.waitFor(mark, Math.ceil(count / 10), QUIET_MS);
  const jobsNow = async () => {
    const { waiting, delayed, active } = await producer.depth('email-bulk');
    return waiting + delayed + active;
  };
  await stopOrigin(sql, id, 'paused');
  await sql`update campaigns set state = 'paused' where id = ${id}`;
  const pausedAt = performance.now();
  const held = await jobsNow();
  let tookMs = Number.POSITIVE_INFINITY;
  while (performance.now() - pausedAt < LEAVE_MS && tookMs === Number.POSITIVE_INFINITY) {
    // An outbox row may still become a job.
    const [{ rows }] = await sql<[{ rows: number }]>`
      select count(*)::int as rows from outbox where lane = 'email-bulk'`;
    if (rows === 0 && (await jobsNow()) === 0) tookMs = performance.now() - pausedAt;
    else await pause(50);
  }
  say(`carillon: the lane of a paused campaign held ${held} jobs, and none after ${tookMs.toFixed(0)} ms`);
  await endCampaign(carillon, id);
  return tookMs;
}

/** Critical e-mails, 50 a second, without a campaign and while one drains. */
export async function criticalBeside(
  run: Run,
  carillon: CarillonSystem,
  template: string,
  { count, seconds }: { count: number; seconds: number },
): Promise<void> {
  const { figures, ground, say } = run;
  const alone = await criticalP99(run, carillon, seconds);
  await carillon.clear();
  const mark = await ground.ledger.mark();
  const id = await storeCampaign(carillon, template, count);
  await ground.ledger.waitFor(mark, 1, QUIET_MS);
  const beside = await criticalP99(run, carillon, seconds);
  await endCampaign(carillon, id);
  figures.add('campaign critical alone', 'carillon', alone);
  figures.add('campaign critical', 'carillon', beside);
  say(`carillon: critical p99 ${alone.toFixed(1)} ms, ${beside.toFixed(1)} ms while a campaign drains`);
}

/** From the POST written to the provider's acceptance, in milliseconds. */
async function criticalP99(
  { ground, figures }: Run,
  carillon: CarillonSystem,
  seconds: number,
): Promise<number> {
  const mark = await ground.ledger.mark();
  const job = loadJob(carillon, CRITICAL_MAIL, { kind: 'steady', perSecond: PER_SECOND });
  const load = startLoad(job, TIMEOUT_MS);
  await pause(seconds * 1000);
  load.stop();
  const { sent, refused } = await load.result;
  await pause(GRACE_MS);
  const endedMs = Date.now();
  const arrivals = await ground.ledger.arrivals(mark);
  const arrivedMs = new Map(arrivals.map(({ id, atMs }) => [id, atMs]));
  figures.judge('campaign critical', { lost: refused, doubled: arrivals.length - arrivedMs.size });
  return percentile(
    sent.map(({ id, atMs }) => (arrivedMs.get(id) ?? endedMs) - atMs),
    0.99,
  );
}
