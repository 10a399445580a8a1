import type { LoadJob } from './load/job.ts';

/** A system under measurement. Scenarios use only this, so that Carillon and the control are treated alike. */
export interface Contender {
  readonly name: 'carillon' | 'control';
  readonly target: Pick<LoadJob, 'url' | 'shape' | 'apiKey'>;
  /** Its own running processes, by name; its servers belong to the ground. */
  pids(): Record<string, number>;
  startWorkers(): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Empties tables and queues. Workers must be idle or stopped. */
  clear(): Promise<void>;
  /** The ids of everything accepted since the last `clear`. */
  acceptedIds(): Promise<Set<string>>;
  /** How many of them have not reached a final state. */
  unfinished(): Promise<number>;
}
