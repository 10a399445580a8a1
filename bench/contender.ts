import type { LoadJob } from './load/job.ts';

/** A system under measurement. Scenarios know only this, so that ours and the control are treated alike. */
export interface Contender {
  readonly name: 'carillon' | 'control';
  readonly target: Pick<LoadJob, 'url' | 'shape' | 'apiKey'>;
  /** Its own processes that run now, by name; the servers it stands on are the ground's. */
  pids(): Record<string, number>;
  startWorkers(): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Empties tables and queues. Workers must be idle or stopped. */
  clear(): Promise<void>;
  /** The ids of everything accepted since the last `clear`. */
  acceptedIds(): Promise<Set<string>>;
  /** How many of them are not at their end. */
  unfinished(): Promise<number>;
}
