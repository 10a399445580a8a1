import type { Lane } from '@carillon/core/lane';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type JobData, parseJobData } from './job-data.ts';
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
  /** Stops taking jobs and waits for those in hand. */
  close(): Promise<void>;
}

export interface ConsumerOptions {
  lane: Lane;
  connection: Redis;
  namespace: string;
  handle(work: Work): Promise<Verdict>;
  onError(error: Error): void;
}

export function consume({ lane, connection, namespace, handle, onError }: ConsumerOptions): Consumer {
  const process = async (job: Job<JobData, void, string>, token?: string): Promise<void> => {
    const data = parseJobData(job.data);
    if (!data) throw new UnrecoverableError(`payload not understood by this version: ${describe(job.data)}`);
    const result = await handle({ data, retriedByHand: job.attemptsMade > 0 });
    if (result.verdict === 'later') {
      await job.moveToDelayed(result.at, token);
      throw new DelayedError();
    }
    if (result.verdict === 'failed') throw new UnrecoverableError(result.reason);
  };

  const worker = new Worker<JobData, void, string>(lane, process, {
    connection,
    prefix: prefixOf(lane, namespace),
    concurrency: settingsOf(lane).concurrency,
    removeOnComplete: RETENTION.completed,
    removeOnFail: RETENTION.failed,
    // A worker killed in the middle: the job comes back after the lock, the lease in PostgreSQL decides what it means.
    lockDuration: 30_000,
    stalledInterval: 15_000,
    maxStalledCount: 5,
    drainDelay: 5,
    skipVersionCheck: true,
  });
  worker.on('error', onError);
  return { lane, running: () => worker.isRunning(), close: () => worker.close() };
}

function describe(data: unknown): string {
  return JSON.stringify(data)?.slice(0, 100) ?? String(data);
}
