import type { AtPoint, DeliveryPoint } from '../../../apps/worker/src/deliver/context.ts';

/** Where exactly a process dies. Each form is carried out by a decorator in crashing.ts. */
export type Crash =
  /** Between two steps of a delivery; at `called`, in the middle of the provider call. */
  | { at: DeliveryPoint; only?: (about: AtPoint) => boolean; once?: 'the provider has it' }
  /**
   * Around a statement, or around the commit of its transaction. `only` looks at its rows: maintenance
   * runs all the time, and dies when it has rows to process.
   */
  | {
      statement: RegExp;
      when: 'before' | 'after' | 'before commit' | 'after commit';
      only?: (rows: readonly Record<string, unknown>[]) => boolean;
    }
  /** Around a publication into a lane. */
  | {
      publish: 'before' | 'after';
      only?: (publication: { delayMs?: number; ids: readonly string[] }) => boolean;
    }
  /** Around the writing of the epoch key. */
  | { epochKey: 'before' | 'after' };
