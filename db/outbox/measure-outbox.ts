import { LANES, type Lane } from '@carillon/core/notification/lane';
import type { Reader } from '../replica/reader.ts';

/** The newest outbox row this code understands; newer ones wait for newer relays. */
export const OUTBOX_VERSION = 1;

export interface OutboxMeasure {
  lane: Lane | 'events';
  /** Rows of a version that this release relays, among the ROWS_MEASURED oldest of the lane. */
  known: number;
  /** Rows of a newer release. They are never taken here, so they stay among the oldest. */
  unknown: number;
  /** Seconds for which the oldest known row has been due; 0 if none is. */
  lagSeconds: number;
}

/** Of each lane; each costs an entry of the index and a row. */
const ROWS_MEASURED = 10_000;

/** What waits in the outbox, by lane. Reads the index of the relay. */
export async function measureOutbox(sql: Reader): Promise<OutboxMeasure[]> {
  return sql<OutboxMeasure[]>`
    select l.lane, m.*
    from unnest(${[...LANES, 'events'] as string[]}::text[]) as l (lane)
    cross join lateral (
      select count(*) filter (where version <= ${OUTBOX_VERSION})::int as known,
        count(*) filter (where version > ${OUTBOX_VERSION})::int as unknown,
        greatest(0, extract(epoch from now() - min(due_at) filter (where version <= ${OUTBOX_VERSION})))::float8 as "lagSeconds"
      from (
        select version, coalesce(available_at, created_at) as due_at from outbox
        where lane = l.lane
        order by coalesce(available_at, created_at)
        limit ${ROWS_MEASURED}
      ) o
    ) m`;
}
