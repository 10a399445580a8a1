import type { Breaker } from '@carillon/core/breaker';
import type { Sql } from 'postgres';

/** Every breaker of the installation: what a worker goes by, read about twice a second. A row per provider account. */
export async function readBreakers(sql: Sql): Promise<Breaker[]> {
  return sql<Breaker[]>`
    select account, state, held_by as "heldBy", reason, changed_at as "changedAt", probe_at as "probeAt",
      cool_down_seconds as "coolDownSeconds"
    from circuit_breakers
  `;
}
