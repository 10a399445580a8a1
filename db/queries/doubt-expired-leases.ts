import type { Sql } from 'postgres';

/**
 * Turns claims whose worker never came back into visible doubts: the call may or may not have been made, so it is not
 * repeated here. A resolver or a person settles it.
 *
 * @param olderThanMs attempts that began more recently are left alone (their lease cannot have ended).
 * @returns the notifications now in doubt.
 */
export async function doubtExpiredLeases(sql: Sql, olderThanMs: number, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with open as materialized (
      select a.notification_id as id, a.n
      from delivery_attempts a
      where a.finished_at is null and a.started_at < now() - ${olderThanMs} * interval '1 millisecond'
      order by a.started_at
      limit ${limit}
    ), doubted as (
      update notifications n
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(),
          error_code = 'worker_lost', error = 'the worker that held the lease never reported an outcome'
      from open o
      where n.id = o.id and n.attempt_count = o.n and n.state = 'sending' and n.lease_until < now()
      returning n.id, n.attempt_count
    ), attempts as (
      update delivery_attempts a
      set finished_at = now(), outcome = 'in_doubt', error_code = 'worker_lost',
          error = 'the worker that held the lease never reported an outcome'
      from doubted d
      where a.notification_id = d.id and a.n = d.attempt_count and a.finished_at is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'in_doubt', 'rescue', 'lease ran out without an outcome: the call may have been made' from doubted
    )
    select id from doubted
  `;
  return rows.map((row) => row.id);
}
