import type { Finding } from './rules.ts';

/** A program that had to reconnect to its servers automatically, as observed from outside. In ms after the fault. */
export interface Recovery {
  program: string;
  /** Until it did what it was given after the fault, and went on doing so; null: not while it was watched. */
  workedAfterMs: number | null;
  /** Until its own health or readiness said that it does not work; null: never while it was watched. */
  toldAfterMs: number | null;
}

/** How soon a program works again, or says that it does not. */
export const RECOVER_MS = 10_000;

/** Its servers are available at the old address: it must work again soon, and must not report itself healthy before. */
export function findStuck(seen: readonly Recovery[]): Finding[] {
  return seen.flatMap(({ program, workedAfterMs, toldAfterMs }): Finding[] => {
    if (workedAfterMs !== null && workedAfterMs <= RECOVER_MS) return [];
    const worked = workedAfterMs === null ? 'not while it was watched' : `only after ${workedAfterMs} ms`;
    const findings: Finding[] = [{ rule: 'slow_recovery', id: program, why: `it worked again ${worked}` }];
    if (toldAfterMs === null || toldAfterMs > RECOVER_MS)
      findings.push({
        rule: 'healthy_while_stuck',
        id: program,
        why: `it worked again ${worked}, and said so ${toldAfterMs === null ? 'never' : `after ${toldAfterMs} ms`}`,
      });
    return findings;
  });
}
