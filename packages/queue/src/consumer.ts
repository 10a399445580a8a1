import type { Lane } from '@carillon/core/notification/lane';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { RedisClient } from './connection.ts';
import { type JobData, newerVersion, parseJobData } from './job-data.ts';
import { prefixOf, RETENTION, settingsOf } from './topology.ts';

/** The outcome of a job, as a value. This is the only file that translates it into BullMQ's thrown errors. */
export type Verdict =
  | { verdict: 'done' }
  /** The job comes back after this many milliseconds; it spends no BullMQ attempt. */
  | { verdict: 'later'; inMs: number }
  /** The job goes to the failed set, where Bull Board shows it and can retry it. */
  | { verdict: 'failed'; reason: string };

export interface Work {
  data: JobData;
  /** True when this job had already failed: then only a person's Retry can have brought it back. */
  retriedByHand: boolean;
}

export interface Consumer {
  lane: Lane;
  running(): boolean;
  /** Takes no more jobs until `resume`; those in hand go on. The others keep their places. Idempotent. */
  pause(): void;
  resume(): void;
  /** Stops taking jobs and waits for those in hand. */
  close(): Promise<void>;
}

export interface ConsumerOptions {
  lane: Lane;
  connection: RedisClient;
  namespace: string;
  handle(work: Work): Promise<Verdict>;
  /** A job of a newer release was met and put back; called at most once per NEWER_RETRY_MS. */
  onNewer?(version: number): void;
  onError(error: Error): void;
}

/** A job that only a newer release understands goes back for this long, until a worker of that release takes it. */
const NEWER_RETRY_MS = 30_000;

export function consume({
  lane,
  connection,
  namespace,
  handle,
  onNewer,
  onError,
}: ConsumerOptions): Consumer {
  const process = async (job: Job<JobData, void, string>, token?: string): Promise<void> => {
    const newer = newerVersion(job.data);
    if (newer !== null) return leaveToNewer(job, newer, token);
    const data = parseJobData(job.data);
    if (!data) throw new UnrecoverableError(`payload not understood by this version: ${describe(job.data)}`);
    const result = await handle({ data, retriedByHand: job.attemptsMade > 0 });
    if (result.verdict === 'later') {
      // BullMQ promotes by the clock of the process that looks: by its own clock this process does not take it too
      // early.
      await job.moveToDelayed(Date.now() + result.inMs, token);
      throw new DelayedError();
    }
    if (result.verdict === 'failed') throw new UnrecoverableError(result.reason);
  };

  let toldAt = Number.NEGATIVE_INFINITY;
  const leaveToNewer = async (job: Job, version: number, token?: string): Promise<never> => {
    if (performance.now() - toldAt >= NEWER_RETRY_MS) {
      toldAt = performance.now();
      onNewer?.(version);
    }
    await job.moveToDelayed(Date.now() + NEWER_RETRY_MS, token);
    throw new DelayedError();
  };

  const worker = new Worker<JobData, void, string>(lane, process, {
    connection,
    prefix: prefixOf(lane, namespace),
    concurrency: settingsOf(lane).concurrency,
    removeOnComplete: RETENTION.completed,
    removeOnFail: RETENTION.failed,
    // After a worker was killed the job comes back when the lock expires; the lease in PostgreSQL decides what it
    // means.
    lockDuration: settingsOf(lane).lockMs,
    stalledInterval: settingsOf(lane).stallCheckMs,
    // A job is never given up because workers died with it: the notification it names decides, not the job.
    maxStalledCount: 1_000,
    drainDelay: settingsOf(lane).sleepSeconds,
    skipVersionCheck: true,
  });
  worker.on('error', onError);
  // BullMQ ends its loop while it is paused. A resume in the moment in which the loop ends starts no new one; so
  // `resume` checks whether the loop runs, also when it was no longer paused.
  let wasPaused = false;
  return {
    lane,
    running: () => worker.isRunning(),
    pause: () => {
      wasPaused = true;
      if (!worker.isPaused()) worker.pause(true).catch(onError);
    },
    resume: () => {
      if (wasPaused && (worker.isPaused() || !worker.isRunning())) worker.resume().catch(onError);
    },
    close: () => worker.close(),
  };
}

function describe(data: unknown): string {
  return JSON.stringify(data)?.slice(0, 100) ?? String(data);
}
