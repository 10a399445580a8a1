import type { Sql } from 'postgres';

/**
 * Gives back claims whose answer was lost with its connection: nobody knows of them, so nothing was sent. The token is
 * of that one statement, so only what it claimed can move, and claims that were never committed are not there.
 *
 * @returns how many there were.
 */
export async function giveBackLostClaims(
  sql: Sql,
  ids: readonly string[],
  leaseToken: string,
): Promise<number> {
  const rows = await sql`
    with moved as (
      update notifications
      set state = 'retrying', lease_token = null, lease_until = null, next_attempt_at = now(), updated_at = now(),
          attempt_count = attempt_count - 1, tries = tries - 1
      where id = any (${ids as string[]}::uuid[]) and lease_token = ${leaseToken}
      returning id, attempt_count + 1 as n
    ), unsent as (
      delete from delivery_attempts a using moved m
      where a.notification_id = m.id and a.n = m.n and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'retrying', 'deliver', 'the answer to the claim was lost with its connection: given back unsent' from moved
    )
    select id from moved
  `;
  return rows.length;
}
