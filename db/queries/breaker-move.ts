import type { Breaker, BreakerState } from '@carillon/core/breaker';
import type { Sql } from 'postgres';

export interface Moved {
  to: BreakerState;
  reason: string;
  /** For `open`: until the first probe, in seconds. */
  coolDownSeconds?: number;
}

/**
 * Moves a breaker by itself, from exactly the state that was judged: of several workers that saw the same one wins, and
 * what a person holds is left alone.
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
