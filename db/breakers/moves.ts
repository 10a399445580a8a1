import type { Channel } from '@carillon/core/notification/channel';
import type { Breaker, BreakerState } from '@carillon/core/provider/breaker';
import type { Sql } from 'postgres';

export interface Moved {
  to: BreakerState;
  reason: string;
  /** For `open`: until the first probe, in seconds. */
  coolDownSeconds?: number;
}

/**
 * Moves a breaker automatically, from exactly the state that was judged: of several workers that saw the same one wins,
 * and a breaker held by a person is left alone.
 *
 * @returns whether it moved.
 */
export async function moveBreaker(
  sql: Sql,
  from: Breaker,
  { to, reason, coolDownSeconds }: Moved,
): Promise<boolean> {
  const coolDown = to === 'open' ? (coolDownSeconds ?? 0) : null;
  const rows = await sql`
    update circuit_breakers
    set state = ${to}, reason = ${reason}, changed_at = now(),
        cool_down_seconds = coalesce(${coolDown}::int, cool_down_seconds),
        probe_at = now() + ${coolDown}::int * interval '1 second'
    where account = ${from.account} and state = ${from.state} and held_by is null
      -- A Date has milliseconds, the column has microseconds.
      and date_trunc('milliseconds', changed_at) = ${from.changedAt}
  `;
  return rows.count > 0;
}

/** Registers accounts that have no breaker yet, as closed. Many workers may do so at once. */
export async function registerBreakers(
  sql: Sql,
  accounts: readonly { account: string; channel: Channel }[],
): Promise<void> {
  await sql`
    insert into circuit_breakers (account, channel)
    select account, channel from json_to_recordset(${JSON.stringify(accounts)}::text::json) as a (account text, channel text)
    on conflict (account) do nothing
  `;
}

/** The probe found the account unhealthy: it stays open, and is probed again after a longer cool-down. */
export async function stayOpen(
  sql: Sql,
  { account, changedAt }: Breaker,
  reason: string,
  coolDownSeconds: number,
): Promise<boolean> {
  const rows = await sql`
    update circuit_breakers
    set reason = ${reason}, cool_down_seconds = ${coolDownSeconds},
        probe_at = now() + ${coolDownSeconds} * interval '1 second'
    where account = ${account} and state = 'open' and held_by is null
      and date_trunc('milliseconds', changed_at) = ${changedAt}
  `;
  return rows.count > 0;
}

/**
 * Takes one open breaker whose probe is due, for this worker alone: until `withinSeconds` have passed no other worker
 * probes it, also if this worker dies meanwhile. Only accounts that the worker has; never one that a person holds.
 */
export async function takeProbe(
  sql: Sql,
  accounts: readonly string[],
  withinSeconds: number,
): Promise<Breaker | null> {
  const [row] = await sql<Breaker[]>`
    with due as (
      select account from circuit_breakers
      where account = any (${accounts as string[]}::text[]) and state = 'open' and held_by is null and probe_at <= now()
      order by probe_at
      limit 1
      for update skip locked
    )
    update circuit_breakers b set probe_at = now() + ${withinSeconds} * interval '1 second'
    from due where b.account = due.account
    returning b.account, b.state, b.held_by as "heldBy", b.reason, b.changed_at as "changedAt",
      b.probe_at as "probeAt", b.cool_down_seconds as "coolDownSeconds"
  `;
  return row ?? null;
}
