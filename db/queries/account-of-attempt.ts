import type { Sql } from 'postgres';

/** The provider account of an attempt; null if there is no such attempt (any more). */
export async function accountOfAttempt(
  sql: Sql,
  { notificationId, n }: { notificationId: string; n: number },
): Promise<string | null> {
  const [row] = await sql<{ provider: string }[]>`
    select provider from delivery_attempts where notification_id = ${notificationId} and n = ${n}`;
  return row?.provider ?? null;
}
