import type { Breaker } from '@carillon/core/breaker';
import type { Sql } from 'postgres';

/**
 * Takes one open breaker whose probe is due, for this worker alone: until `withinSeconds` have passed nobody else probes
 * it, also if this worker dies meanwhile. Only accounts that the worker has; never one that a person holds.
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
