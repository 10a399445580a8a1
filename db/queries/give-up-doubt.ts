import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';
import type { DoubtRow } from './take-doubts.ts';

/**
 * Ends a doubt without another send. Its attempt stays in doubt, so that a retry by a person still needs the word that
 * it may arrive twice.
 *
 * @returns whether it was still ours to move.
 */
export async function giveUpDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  code: string,
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with moved as (
      update notifications
      set state = 'dead', next_attempt_at = null, error_code = ${code}, error = ${reason}, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'dead', 'resolver', ${reason}, ${JSON.stringify(detail)}::text::jsonb from moved
    )
    select id from moved`;
  return rows.length > 0;
}
