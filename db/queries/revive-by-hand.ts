import type { Sql } from 'postgres';

/**
 * A person pressed Retry in Bull Board: a dead or failed notification starts a new cycle of attempts. Leaves its trace
 * in the timeline and in the audit log; any other state is left alone.
 *
 * @returns whether it was dead or failed.
 */
export async function reviveByHand(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    with dead as (
      select id, app_id, state from notifications where id = ${id} and state in ('dead', 'failed') for update
    ), revived as (
      update notifications n set state = 'pending', tries = 0, updated_at = now() from dead d where n.id = d.id
      returning n.id
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'pending', 'bull-board', 'retried by hand: a new cycle of attempts' from revived
    ), audited as (
      insert into audit_log (app_id, actor, action, subject, detail)
      select app_id, 'system:deliver', 'notification.retried_in_bull_board', 'notification:' || id, jsonb_build_object('was', state)
      from dead
    )
    select id from revived
  `;
  return rows.length > 0;
}
