import { UNSTORABLE } from '@carillon/core/notification/attempt-end';
import type { Entered, OnEntered } from '@carillon/core/notification/entered';
import type { Sql } from 'postgres';
import { countEnded } from '../origins/count-changes.ts';

/**
 * Ends a notification that cannot continue because a statement about it fails every time: `failed`, with the reason in
 * its timeline. Only one that waits, or whose lease is named; for the latter it must be certain that nothing was sent,
 * and its attempt is deleted.
 *
 * @param reason for people; without texts from outside.
 * @param onEntered called if it was ended.
 * @returns whether it was ended; false if it has moved meanwhile.
 */
export async function failUnstorable(
  sql: Sql,
  { id, leaseToken = null }: { id: string; leaseToken?: string | null },
  reason: string,
  onEntered: OnEntered = () => {},
): Promise<boolean> {
  const rows = await sql<Entered[]>`
    with moved as (
      update notifications
      set state = 'failed', error_code = ${UNSTORABLE}, error = ${reason}, lease_token = null, lease_until = null,
          next_attempt_at = null, tried = null, updated_at = now()
      where id = ${id}::uuid
        and case when ${leaseToken}::uuid is null then state in ('pending', 'queued', 'retrying', 'scheduled')
          else lease_token = ${leaseToken}::uuid end
      returning id, attempt_count, app_id, channel, priority, state, origin_id, origin_variant
    ), ${countEnded(sql)}, unsent as (
      delete from delivery_attempts a using moved m
      where a.notification_id = m.id and a.n = m.attempt_count and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'failed', 'deliver', ${reason} from moved
    )
    select app_id as "appId", channel, priority, null as provider, state from moved`;
  for (const row of rows) onEntered(row);
  return rows.length > 0;
}

/** The reason in the timeline: the SQLSTATE and its name, not the value, which could not be stored there either. */
export function unstorableReason(what: string, error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return `${what} cannot be stored: PostgreSQL refuses it (${typeof code === 'string' ? `SQLSTATE ${code}` : (error as Error).name})`;
}
