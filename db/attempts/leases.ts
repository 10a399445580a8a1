import type { Entered, OnEntered } from '@carillon/core/notification/entered';
import type { Sql } from 'postgres';

export interface Renewal {
  id: string;
  leaseToken: string;
  leaseMs: number;
}

/**
 * Extends the leases of claims whose worker is still working on them; one statement for all. A lease that has expired
 * but was not taken away yet is extended too: until rescue has run the attempt is its worker's. A locked row is
 * skipped, or all leases of a process would expire because of it.
 *
 * @returns the ids whose lease was still theirs, and whether it was extended (not while its row is locked); the others
 *   belong to another worker by now.
 */
export async function renewLeases(sql: Sql, renewals: readonly Renewal[]): Promise<Map<string, boolean>> {
  const rows = await sql<{ id: string; renewed: boolean }[]>`
    with renewals as materialized (
      select * from json_to_recordset(${JSON.stringify(renewals)}::text::json) as r (
        id uuid, "leaseToken" uuid, "leaseMs" int
      )
    ), free as materialized (
      select n.id, r."leaseMs"
      from renewals r join notifications n on n.id = r.id and n.lease_token = r."leaseToken"
      for no key update of n skip locked
    ), renewed as (
      update notifications n set lease_until = now() + f."leaseMs" * interval '1 millisecond'
      from free f where n.id = f.id
      returning n.id
    )
    select r.id, r.id in (select id from renewed) as renewed
    from renewals r join notifications n on n.id = r.id and n.lease_token = r."leaseToken"
  `;
  return new Map(rows.map(({ id, renewed }) => [id, renewed]));
}

/**
 * Gives back claims whose answer was lost with its connection: no worker knows of them, so nothing was sent. The token
 * is of that one statement, so only what it claimed can move, and claims that were never committed are not there.
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

/**
 * Turns claims whose worker never came back into visible doubts: the call may or may not have been made, so it is not
 * repeated here. The resolver looks at them at once; it or a person settles them.
 *
 * Found through the open attempts, which are as many as all workers have in hand: leases have no index.
 *
 * @param onEntered called for each notification that is in doubt now.
 * @returns their ids.
 */
export async function doubtExpiredLeases(
  sql: Sql,
  limit: number,
  onEntered: OnEntered = () => {},
): Promise<string[]> {
  const rows = await sql<(Entered & { id: string })[]>`
    with expired as materialized (
      -- The limit is of those that are over: long calls whose leases are renewed must not stand in their way.
      select a.notification_id as id, a.n
      from delivery_attempts a
      join notifications n on n.id = a.notification_id
      where a.finished_at is null and n.attempt_count = a.n and n.state = 'sending' and n.lease_until < now()
      order by a.started_at
      limit ${limit}
      -- One that somebody has locked is found when it is free; the others do not wait for it.
      for no key update of n skip locked
    ), doubted as (
      update notifications n
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(), next_attempt_at = now(),
          error_code = 'worker_lost', error = 'the worker that held the lease never reported an outcome'
      from expired e
      where n.id = e.id and n.attempt_count = e.n and n.state = 'sending' and n.lease_until < now()
      returning n.id, n.attempt_count, n.app_id, n.channel, n.priority, n.provider, n.state
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
    select id, app_id as "appId", channel, priority, provider, state from doubted
  `;
  for (const row of rows) onEntered(row);
  return rows.map((row) => row.id);
}
