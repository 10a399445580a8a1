import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';
import type { DoubtRow } from './take-doubts.ts';

/**
 * Takes the lease of a doubtful attempt once more, to make the same call again under the same key: no new attempt, no
 * new try, and the time it began stays, because that is how old the key is. A crash from here on is the same doubt
 * again.
 *
 * @returns whether the lease is ours: not if somebody settled the doubt, and not once expires_at has passed.
 */
export async function reopenAttempt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  lease: { token: string; ms: number },
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with leased as (
      update notifications
      set state = 'sending', lease_token = ${lease.token}, lease_until = now() + ${lease.ms} * interval '1 millisecond',
          next_attempt_at = null, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
        and (expires_at is null or expires_at > now())
      returning id, attempt_count
    ), reopened as (
      update delivery_attempts a
      set outcome = null, finished_at = null, phase = 'started', error_code = null, error = null, latency_ms = null
      from leased l
      where a.notification_id = l.id and a.n = l.attempt_count
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'sending', 'resolver', ${reason}, ${JSON.stringify(detail)}::text::jsonb from leased
    )
    select id from leased`;
  return rows.length > 0;
}
