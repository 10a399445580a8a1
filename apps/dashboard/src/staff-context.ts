import { type ServiceContext, WHOLE_INSTALLATION } from '@carillon/services/context';
import type { Context } from 'hono';
import type { DashboardDeps, DashboardEnv } from './deps.ts';

/** The person as the actor of a verb. Staff work for the whole installation; what they may do was checked by scope. */
export function staffContext(
  c: Context<DashboardEnv>,
  { sql, waker, metrics }: Pick<DashboardDeps, 'sql' | 'waker' | 'metrics'>,
): ServiceContext {
  return {
    db: sql,
    actor: `staff:${c.get('staff').email}`,
    reach: WHOLE_INSTALLATION,
    wake: (priority) => waker.wake(priority),
    onEntered: metrics.entered,
  };
}
