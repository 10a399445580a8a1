import { RESTORED } from '@carillon/core/notification/restore';
import type { Sql, TransactionSql } from 'postgres';

/** The row of `installation`. */
export interface InstallationRow {
  id: string;
  /** The moment whose data the last restore brought back; null if there was none. */
  restoredTo: Date | null;
  restoredAt: Date | null;
  reviewedAt: Date | null;
  releasedAt: Date | null;
  releasedBy: string | null;
  suspects: number;
  untouched: number;
  /** PostgreSQL's time when this was read. */
  now: Date;
}

/** Reads the row. A database without one lacks the migrations of this release. */
export async function readInstallation(sql: Sql | TransactionSql, lock = false): Promise<InstallationRow> {
  const [row] = await sql<[InstallationRow]>`
    select id, restored_to as "restoredTo", restored_at as "restoredAt", reviewed_at as "reviewedAt",
      released_at as "releasedAt", released_by as "releasedBy", suspects, untouched, now() as now
    from installation ${lock ? sql`for update` : sql``}`;
  return row;
}

/** What the database knows about the next call of a notification after a restore (core/notification/restore.ts). */
export interface CallFacts {
  fresh: boolean;
  keyed: boolean;
  suspect: boolean;
  checked: boolean;
  accepted: boolean;
}

/** @param account the one that is to be called. @returns null if there is no such notification. */
export async function readCallFacts(
  sql: Sql,
  id: string,
  account: string,
  restoredAt: Date,
): Promise<CallFacts | null> {
  const [row] = await sql<CallFacts[]>`
    select n.created_at >= ${restoredAt} as fresh, n.idempotency_key not like 'auto\\_%' as keyed, h.*
    from notifications n
    cross join lateral (
      select
        coalesce(bool_or(detail ->> 'code' = ${RESTORED}), false) as suspect,
        coalesce(bool_or(detail ->> 'code' = ${RESTORED} and detail ->> 'provider' = ${account}), false) as checked,
        coalesce(bool_or(detail ->> 'accept_duplicate_risk' = 'true' and at >= ${restoredAt}), false) as accepted
      from notification_history where notification_id = n.id
    ) h
    where n.id = ${id}::uuid`;
  return row ?? null;
}
