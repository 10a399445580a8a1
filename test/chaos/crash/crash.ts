import type { Steps } from '../../../apps/worker/src/deliver/steps.ts';

/** Where exactly a process dies. Each form is carried out by a decorator in crashing.ts. */
export type Crash =
  /** Around a step of a delivery. `only` looks at what the step got and, after it, at what it gave. */
  | { step: keyof Steps; when: 'before' | 'after'; only?: (given: unknown[], result?: unknown) => boolean }
  /**
   * Around a statement, or around the commit of the transaction it stands in. `only` looks at its rows: maintenance
   * runs all the time, and dies when it has something in hand.
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
  | { epochKey: 'before' | 'after' }
  /** In the middle of the provider call. */
  | { call: 'begun' | 'taken' };
