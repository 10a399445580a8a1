import type { Sql, TransactionSql } from 'postgres';

/** A person has read the report of the restore. */
export async function noteReview(sql: Sql | TransactionSql): Promise<void> {
  await sql`update installation set reviewed_at = now()`;
}

/** Every worker has read the release by then. */
const RELEASE_KNOWN_AFTER_MS = 5000;

/** Ends the review: bulk messages may go, and doubts about them are looked at again soon. */
export async function noteRelease(sql: Sql | TransactionSql, actor: string): Promise<Date> {
  await sql`
    update notifications
    set next_attempt_at = date_trunc('milliseconds', now()) + ${RELEASE_KNOWN_AFTER_MS} * interval '1 millisecond'
    where rare_state = 'in_doubt' and priority = 'bulk' and next_attempt_at is not null`;
  const [row] = await sql<[{ at: Date }]>`
    update installation set released_at = now(), released_by = ${actor} returning released_at as at`;
  return row.at;
}
