import type { Sql } from 'postgres';

/** Which of these messages of a provider account already belong to an attempt. */
export async function findRecordedMessages(
  sql: Sql,
  provider: string,
  providerMessageIds: readonly string[],
): Promise<Set<string>> {
  if (providerMessageIds.length === 0) return new Set();
  const rows = await sql<{ id: string }[]>`
    select provider_message_id as id from delivery_attempts
    where provider_message_id = any (${providerMessageIds as string[]}::text[]) and provider = ${provider}`;
  return new Set(rows.map((row) => row.id));
}
