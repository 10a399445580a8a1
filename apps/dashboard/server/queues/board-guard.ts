import { allows } from '@carillon/core/access/access';
import { scopesIn } from '@carillon/core/access/roles';
import type { Lane } from '@carillon/core/notification/lane';
import { recordQueueAction } from '@carillon/services/audit/record-queue-action';
import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { type BoardAction, boardActionOf } from './board-actions.ts';

/**
 * Guards Bull Board's API: people who may see lanes may read; each change is authorized by scope and then written to the audit log
 * *before* it happens. If the log cannot be written, the change does not happen.
 */
export function boardGuard(deps: Pick<DashboardDeps, 'sql' | 'queues'>): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const staff = c.get('staff');
    const action = boardActionOf(c.req.method, c.req.path.replace(/^\/queues\/api/, ''));

    const refusal = await refusalOf(action, scopesIn(staff.grants, null), deps.queues);
    if (refusal) return c.json({ error: refusal }, 403);

    await recordQueueAction({ db: deps.sql, actor: `staff:${staff.email}` }, action);
    return next();
  };
}

async function refusalOf(
  { action, needs, lane, jobId }: BoardAction,
  scopes: readonly string[],
  queues: DashboardDeps['queues'],
): Promise<string | null> {
  if (needs === 'never') {
    return `${action} is switched off here: jobs are made by the relay, from PostgreSQL, and by nobody else.`;
  }
  if (!allows(scopes, needs)) return `${action} needs the scope ${needs}, which your roles do not have.`;

  // One route serves jobs of every set; without `queues:administer` only failed ones.
  const failedOnly = action === 'queue.retry' || action === 'queue.clean';
  if (jobId !== undefined && failedOnly && !allows(scopes, 'queues:administer')) {
    const state = await queues.get(lane as Lane)?.getJobState(jobId);
    if (state !== 'failed') {
      return `${action} of a job that has not failed (it is ${state ?? 'unknown'}) needs the scope queues:administer.`;
    }
  }
  return null;
}
