import type { Lane } from '@carillon/core/lane';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type JobData, newerVersion, parseJobData } from './job-data.ts';
import { prefixOf, RETENTION, settingsOf } from './topology.ts';

/**
 * What became of a job, as a value. This is the only file that translates it into BullMQ's language of thrown errors.
 */
export type Verdict =
  | { verdict: 'done' }
  /** The job comes back at `at` (ms since the epoch); it spends no BullMQ attempt. */
  | { verdict: 'later'; at: number }
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
  /** Takes no more jobs until `resume`; those in hand go on. The others keep their places. May be said again. */
  pause(): void;
  resume(): void;
  /** Stops taking jobs and waits for those in hand. */
  close(): Promise<void>;
}

export interface ConsumerOptions {
  lane: Lane;
  connection: Redis;
  namespace: string;
  handle(work: Work): Promise<Verdict>;
  /** A job of a newer release came by and was put back; told at most once a NEWER_RETRY_MS. */
  onNewer?(version: number): void;
  onError(error: Error): void;
}

/** A job that only a newer release understands goes back for this long, until a worker of that release meets it. */
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
      await job.moveToDelayed(result.at, token);
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
    // A worker killed in the middle: the job comes back after the lock, the lease in PostgreSQL decides what it means.
    lockDuration: settingsOf(lane).lockMs,
    stalledInterval: settingsOf(lane).stallCheckMs,
    // A job is never given up for having been in the hands of workers that died: what it names decides, not it.
    maxStalledCount: 1_000,
    drainDelay: settingsOf(lane).sleepSeconds,
    skipVersionCheck: true,
  });
  worker.on('error', onError);
  // BullMQ ends its loop while it is paused. Asked to resume in the moment in which the loop ends, it starts no new one;
  // so "resume" looks whether it runs, also when it was not paused any more.
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
