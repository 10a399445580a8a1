import type { Channel } from '@carillon/core/notification/channel';
import type { Breaker, BreakerState } from '@carillon/core/provider/breaker';
import type { Sql } from 'postgres';
import type { Reader } from '../replica/reader.ts';

/** Every breaker of the installation, read by each worker about twice a second. A row per provider account. */
export async function readBreakers(sql: Sql): Promise<Breaker[]> {
  return sql<Breaker[]>`
    select account, state, held_by as "heldBy", reason, changed_at as "changedAt", probe_at as "probeAt",
      cool_down_seconds as "coolDownSeconds"
    from circuit_breakers
  `;
}

export interface BreakerRow {
  /** The provider account, as workers name it. */
  account: string;
  channel: Channel;
  state: BreakerState;
  /** `key:<key id>` or `staff:<e-mail>` while a person holds it; null while workers move it. */
  heldBy: string | null;
  reason: string | null;
  changedAt: Date;
  /** When an open one is probed next; null while held. */
  probeAt: Date | null;
}

/** The columns of BreakerRow. */
export const breakerColumns = (sql: Reader) => sql`
  account, channel, state, held_by as "heldBy", reason, changed_at as "changedAt", probe_at as "probeAt"`;

/**
 * The breakers of the whole installation by account (bytewise), after the given one. Workers register theirs at start.
 */
export async function listBreakers(
  sql: Sql,
  after: string | undefined,
  limit: number,
): Promise<BreakerRow[]> {
  return sql<BreakerRow[]>`
    select ${breakerColumns(sql)} from circuit_breakers
    ${after === undefined ? sql`` : sql`where account collate "C" > ${after}`}
    order by account collate "C"
    limit ${limit}`;
}
