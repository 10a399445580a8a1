import type { Breaker } from '@carillon/core/breaker';
import type { Sql } from 'postgres';

/** The probe found the account unfit: it stays open, and is probed again after a longer cool-down. */
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
