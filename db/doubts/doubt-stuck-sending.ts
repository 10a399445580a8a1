import type { Entered, OnEntered } from '@carillon/core/notification/entered';
import type { Sql } from 'postgres';

/**
 * Turns notifications of a window of creation time that are `sending` under a lease long expired into visible doubts.
 * Rescue finds most by their open attempts, within seconds; here are those whose attempt was closed elsewhere (a late
 * answer to an earlier call of the same attempt), so that no open one leads to them.
 *
 * @param graceMs how long after the end of the lease rescue may take.
 * @param onEntered called for each notification that is in doubt now.
 * @returns how many there are.
 */
export async function doubtStuckSending(
  sql: Sql,
  from: Date,
  to: Date,
  graceMs: number,
  limit: number,
  onEntered: OnEntered = () => {},
): Promise<number> {
  const rows = await sql<Entered[]>`
    with forgotten as materialized (
      select id
      from notifications
      where created_at >= ${from} and created_at < ${to}
        and state = 'sending' and lease_until < now() - ${graceMs} * interval '1 millisecond'
      limit ${limit}
      for update skip locked
    ), doubted as (
      update notifications n
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(), next_attempt_at = now(),
          error_code = 'worker_lost', error = 'the worker that held the lease never reported an outcome'
      from forgotten f where n.id = f.id
      returning n.id, n.attempt_count, n.app_id, n.channel, n.priority, n.provider, n.state
    ), attempts as (
      update delivery_attempts a
      set finished_at = now(), outcome = 'in_doubt', error_code = 'worker_lost',
          error = 'the worker that held the lease never reported an outcome'
      from doubted d
      where a.notification_id = d.id and a.n = d.attempt_count and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'in_doubt', 'sweep', 'lease ran out without an outcome: the call may have been made' from doubted
    )
    select app_id as "appId", channel, priority, provider, state from doubted
  `;
  for (const row of rows) onEntered(row);
  return rows.length;
}
