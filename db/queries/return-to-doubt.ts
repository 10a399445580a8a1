import type { Phase } from '@carillon/core/outcome';
import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';

/** A repeated call that settled nothing. */
export interface Unsettled {
  id: string;
  n: number;
  leaseToken: string;
  errorCode: string;
  error: string;
  phase: Phase;
  latencyMs: number | null;
  /** Milliseconds until the next look. */
  lookInMs: number;
}

/**
 * Puts a repeated call back into doubt: its answer says nothing about the first one.
 *
 * @returns the doubt's new fence (its next look), or null if the lease had run out.
 */
export async function returnToDoubt(
  sql: Sql,
  { id, n, leaseToken, errorCode, error, phase, latencyMs, lookInMs }: Unsettled,
  { reason, detail }: ResolverNote,
): Promise<Date | null> {
  const [row] = await sql<{ fence: Date }[]>`
    with moved as (
      update notifications
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(), error_code = ${errorCode},
          error = ${error},
          next_attempt_at = date_trunc('milliseconds', now()) + ${lookInMs} * interval '1 millisecond'
      where id = ${id}::uuid and lease_token = ${leaseToken}
      returning id, next_attempt_at
    ), closed as (
      update delivery_attempts a
      set outcome = 'in_doubt', finished_at = now(), phase = ${phase}, error_code = ${errorCode}, error = ${error},
          latency_ms = ${latencyMs}
      from moved m
      where a.notification_id = m.id and a.n = ${n} and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'resolver', ${reason}, ${JSON.stringify(detail)}::text::jsonb from moved
    )
    select next_attempt_at as fence from moved`;
  return row?.fence ?? null;
}
