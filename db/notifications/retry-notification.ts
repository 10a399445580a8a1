import { RETRYABLE } from '@carillon/core/notification/by-request';
import { laneOf } from '@carillon/core/notification/lane';
import type { State } from '@carillon/core/notification/states';
import type { Sql, TransactionSql } from 'postgres';
import { mayHaveArrived } from '../attempts/late-answers.ts';
import type { Tenant } from '../connection/tenant.ts';
import { countMove } from '../origins/count-changes.ts';
import { isCancelled } from '../origins/stops.ts';
import { lockNotification, type Move, type MovedRow, type MoveOrder, record, refused } from './reschedule.ts';

/**
 * `origin_cancelled`: its campaign was cancelled, so it would be cancelled instead of sent. `doubtful`: it may have
 * arrived, and the caller has not confirmed that it may arrive twice. `redacted`: its category
 * is secret, and its texts were removed when it was final.
 */
export type Retry =
  | Move
  | { outcome: 'doubtful'; state: State }
  | { outcome: 'origin_cancelled'; state: State }
  | { outcome: 'redacted'; state: State; redactedAt: Date };

/**
 * Starts a new cycle of attempts for a notification that ended without success. One that may already have arrived is
 * retried only when the caller accepts that it may arrive twice.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 * @returns `refused` also when `expires_at` has passed: a retry could only expire it.
 */
export async function retryNotification(
  sql: Sql,
  tenant: Tenant,
  id: string,
  acceptDuplicateRisk: boolean,
  actor: string,
): Promise<Retry> {
  return sql.begin((tx) => retryWithin(tx, { tenant, id, actor }, acceptDuplicateRisk));
}

/** The same within a transaction. */
export async function retryWithin(
  tx: TransactionSql,
  order: MoveOrder,
  acceptDuplicateRisk: boolean,
): Promise<Retry> {
  const { tenant, id } = order;
  const before = await lockNotification(tx, tenant, id);
  if (!before) return { outcome: 'not_found' };
  if (!RETRYABLE.includes(before.state) || before.expired) return refused(before);
  const { state, redactedAt } = before;
  if (redactedAt !== null) return { outcome: 'redacted', state, redactedAt };
  if (before.originId !== null && (await isCancelled(tx, before.originId)))
    return { outcome: 'origin_cancelled', state };
  const doubtful = await mayHaveArrived(tx, id, before.state);
  if (doubtful && !acceptDuplicateRisk) return { outcome: 'doubtful', state: before.state };

  const [moved] = await tx<MovedRow[]>`
    update notifications
    set state = 'pending', tries = 0, tried = null, next_attempt_at = null, error_code = null, error = null,
        updated_at = now()
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
      and state = any (${RETRYABLE as string[]})
    returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt"`;
  if (!moved) return refused(before);
  await countMove(tx, { ...before, was: before.state, state: moved.state });
  await tx`
    insert into outbox (kind, lane, ids)
    values ('delivery.resumed', ${laneOf(moved.channel, moved.priority)}, array[${id}]::uuid[])`;
  const reason = doubtful ? 'sent again by request: it may arrive twice' : 'retried by request';
  const detail = { from: before.state, accept_duplicate_risk: acceptDuplicateRisk };
  await record(tx, order, 'retry', moved.state, reason, detail);
  return { outcome: 'moved', from: before.state, moved };
}
