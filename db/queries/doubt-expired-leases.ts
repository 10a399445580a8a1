import type { Sql } from 'postgres';

/**
 * Turns claims whose worker never came back into visible doubts: the call may or may not have been made, so it is not
 * repeated here. The resolver looks at them at once; it or a person settles them.
 *
 * Found through the open attempts, which are as many as all workers have in hand: leases have no index.
 *
 * @returns the notifications now in doubt.
 */
export async function doubtExpiredLeases(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with expired as materialized (
      -- The limit is of those that are over: long calls whose leases are renewed must not stand in their way.
      select a.notification_id as id, a.n
      from delivery_attempts a
      join notifications n on n.id = a.notification_id
      where a.finished_at is null and n.attempt_count = a.n and n.state = 'sending' and n.lease_until < now()
      order by a.started_at
      limit ${limit}
    ), doubted as (
      update notifications n
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(), next_attempt_at = now(),
          error_code = 'worker_lost', error = 'the worker that held the lease never reported an outcome'
      from expired e
      where n.id = e.id and n.attempt_count = e.n and n.state = 'sending' and n.lease_until < now()
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
