import type { StaffRole } from '@carillon/core/access/access';
import { may, rolesWith } from '@carillon/core/access/access';
import type { Lane } from '@carillon/core/notification/lane';
import { recordQueueAction } from '@carillon/services/audit/record-queue-action';
import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { type BoardAction, boardActionOf } from './board-actions.ts';

/**
 * Guards Bull Board's API: all staff may read; each change is authorized by role and then written to the audit log
 * *before* it happens. If the log cannot be written, the change does not happen.
 */
export function boardGuard(deps: Pick<DashboardDeps, 'sql' | 'queues'>): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const staff = c.get('staff');
    const action = boardActionOf(c.req.method, c.req.path.replace(/^\/queues\/api/, ''));

    const refusal = await refusalOf(action, staff.role, deps.queues);
    if (refusal) return c.json({ error: refusal }, 403);

    await recordQueueAction({ db: deps.sql, actor: `staff:${staff.email}` }, action);
    return next();
  };
}

async function refusalOf(
  { action, needs, lane, jobId }: BoardAction,
  role: StaffRole,
  queues: DashboardDeps['queues'],
): Promise<string | null> {
  if (needs === 'never') {
    return `${action} is switched off here: jobs are made by the relay, from PostgreSQL, and by nobody else.`;
  }
  if (!may(role, needs)) return `${action} needs the role ${rolesWith(needs)}; yours is ${role}.`;

  // One route serves jobs of every set; operators may act on failed ones only.
  const failedOnly = action === 'queue.retry' || action === 'queue.clean';
  if (jobId !== undefined && failedOnly && !may(role, 'queue.administer')) {
    const state = await queues.get(lane as Lane)?.getJobState(jobId);
    if (state !== 'failed') {
      return `${action} of a job that has not failed (it is ${state ?? 'unknown'}) needs the role admin; yours is ${role}.`;
    }
  }
  return null;
}
