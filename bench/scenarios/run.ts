import type { Contender } from '../contender.ts';
import type { Figures } from '../figures.ts';
import type { Ground } from '../ground.ts';
import type { LoadJob, MessageSpec } from '../load/job.ts';

/** What every scenario is given. */
export interface Run {
  ground: Ground;
  figures: Figures;
  /** Reports progress to the user. */
  say(line: string): void;
}

export const BULK_MAIL: MessageSpec = { to: 'email', priority: 'bulk' };
export const NORMAL_MAIL: MessageSpec = { to: 'email', priority: 'normal' };
export const CRITICAL_MAIL: MessageSpec = { to: 'email', priority: 'critical' };

let runs = 0;

/** A job whose addresses and idempotency keys no other run uses. */
export function loadJob(
  { target }: Pick<Contender, 'target'>,
  message: MessageSpec,
  pattern: LoadJob['pattern'],
): LoadJob {
  return {
    ...target,
    message,
    pattern,
    run: `r${Date.now().toString(36)}${(runs++).toString(36)}`,
  };
}
