import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';
import type { DoubtRow } from './take-doubts.ts';

/**
 * Sends a doubtful notification again, as a new attempt of the same cycle. Its old job may still lie in the lane's
 * failed set, so it is announced as resumed.
 *
 * @returns whether it was still ours to move.
 */
export async function resendDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with moved as (
      update notifications
      set state = 'pending', next_attempt_at = null, error_code = null, error = null, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id, channel, priority
    ), announced as (
      insert into outbox (kind, lane, ids) select 'delivery.resumed', channel || '-' || priority, array[id] from moved
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'pending', 'resolver', ${reason}, ${JSON.stringify(detail)}::text::jsonb from moved
    )
    select id from moved`;
  return rows.length > 0;
}
