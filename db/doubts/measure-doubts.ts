import type { PendingQuery, Row } from 'postgres';
import type { Reader } from '../replica/reader.ts';

export interface DoubtsMeasure {
  waitsFor: 'evidence' | 'person';
  /** DOUBTS_MEASURED at most. */
  count: number;
  /** Seconds since the oldest doubtful call of those counted began; 0 if there is none. */
  oldestSeconds: number;
}

/** More are not looked at: the next of each kind is one index entry and one look-up. */
const DOUBTS_MEASURED = 10_000;

/** Notifications in doubt, by what they wait for: how many, and how old the oldest is. Reads the partial index only. */
export async function measureDoubts(sql: Reader): Promise<DoubtsMeasure[]> {
  const measure = (waitsFor: DoubtsMeasure['waitsFor'], which: PendingQuery<Row[]>) => sql`
    select ${waitsFor} as "waitsFor", count(*)::int as count,
      coalesce(extract(epoch from now() - min(coalesce(a.started_at, n.updated_at))), 0)::float8 as "oldestSeconds"
    from (
      select id, attempt_count, updated_at from notifications
      where rare_state = 'in_doubt' and ${which}
      limit ${DOUBTS_MEASURED}
    ) n
    left join delivery_attempts a on a.notification_id = n.id and a.n = n.attempt_count`;
  return sql<DoubtsMeasure[]>`
    ${measure('evidence', sql`next_attempt_at is not null`)} union all ${measure('person', sql`next_attempt_at is null`)}`;
}
