import type { Sql } from 'postgres';

export interface Assignment {
  id: string;
  n: number;
  leaseToken: string;
  provider: string;
}

/**
 * Corrects which account an open attempt will call, before the call, so that a doubt always names the right provider.
 * Returns the ids whose lease still stands; the others must not be sent.
 */
export async function assignProviders(sql: Sql, assignments: readonly Assignment[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    with wanted as materialized (
      select * from json_to_recordset(${JSON.stringify(assignments)}::text::json) as a (
        id uuid, n smallint, "leaseToken" uuid, provider text
      )
    ), held as (
      update notifications n set provider = w.provider
      from wanted w where n.id = w.id and n.lease_token = w."leaseToken"
      returning n.id
    ), attempts as (
      update delivery_attempts a set provider = w.provider
      from wanted w join held h on h.id = w.id
      where a.notification_id = w.id and a.n = w.n and a.finished_at is null
    )
    select id from held
  `;
  return new Set(rows.map((row) => row.id));
}
