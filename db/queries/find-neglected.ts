import type { Sql } from 'postgres';
import { isNeglected, itsLaneFront, laneFrontsOf } from './neglected.ts';
import type { LostWindow } from './requeue-lost.ts';

export interface NeglectedIn extends LostWindow {
  strandedAfterMs: number;
  forgottenAfterMs: number;
}

/** What a window of creation time holds that somebody should repair. */
export interface Neglected {
  /** For `requeueLost`. */
  lost: boolean;
  /** For `requeueStranded`. */
  stranded: boolean;
  /** For `doubtStranded`. */
  forgotten: boolean;
}

/**
 * Whether a window needs any of the sweep's repairs. Nearly none ever does, and each repair reads its whole window: this
 * reads it once for all three.
 */
export async function findNeglected(
  sql: Sql,
  { from, to, lanes, strandedAfterMs, forgottenAfterMs }: NeglectedIn,
): Promise<Neglected> {
  const [row] = await sql<[Neglected]>`
    with ${laneFrontsOf(sql, strandedAfterMs, lanes)}, neglected as (
      select notifications.state
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to}
        and ${isNeglected(sql, { queuedMs: 0, leaseMs: forgottenAfterMs })}
    )
    select
      coalesce(bool_or(state = 'queued'), false) as lost,
      coalesce(bool_or(state = 'pending'), false) as stranded,
      coalesce(bool_or(state = 'sending'), false) as forgotten
    from neglected`;
  return row;
}
