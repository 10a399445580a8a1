import type { Sql, TransactionSql } from 'postgres';

export interface AcceptedBefore {
  id: string;
  requestHash: Buffer;
  createdAt: Date;
}

/** What was stored under these ids before: decides between a replay (same hash) and a conflict. */
export async function findAccepted(
  sql: Sql | TransactionSql,
  ids: readonly string[],
): Promise<AcceptedBefore[]> {
  return sql<AcceptedBefore[]>`
    select id, request_hash as "requestHash", created_at as "createdAt"
    from notifications
    where id = any (${[...ids]}::uuid[])`;
}
