import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';
import type { DoubtRow } from './take-doubts.ts';

/**
 * Leaves a doubt as it is until its next look, or for a person (`until` null). Waits that say nothing new are not
 * written into the journal (`note` null).
 *
 * @returns whether it was still ours to move.
 */
export async function deferDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  until: Date | null,
  note: ResolverNote | null,
): Promise<boolean> {
  const rows = await sql`
    with deferred as (
      update notifications set next_attempt_at = ${until}::timestamptz
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'resolver', ${note?.reason ?? ''}, ${JSON.stringify(note?.detail ?? null)}::text::jsonb
      from deferred where ${note !== null}
    )
    select id from deferred`;
  return rows.length > 0;
}
