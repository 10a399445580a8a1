import type { Sql } from 'postgres';
import type { LostWindow } from './requeue-lost.ts';
import { isStranded, itsLaneFront, laneFrontsOf } from './stranded.ts';

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
        and notifications.state in ('queued', 'pending', 'sending')
        and case notifications.state
          when 'queued' then notifications.queued_at < lane_fronts.queued_before
          when 'pending' then ${isStranded(sql)}
          else notifications.lease_until < now() - ${forgottenAfterMs} * interval '1 millisecond'
        end
    )
    select
      coalesce(bool_or(state = 'queued'), false) as lost,
      coalesce(bool_or(state = 'pending'), false) as stranded,
      coalesce(bool_or(state = 'sending'), false) as forgotten
    from neglected`;
  return row;
}
