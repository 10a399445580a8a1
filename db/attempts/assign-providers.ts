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
      returning w.*
    ), attempts as (
      update delivery_attempts a set provider = h.provider
      from held h
      where a.notification_id = h.id and a.n = h.n and a.outcome is null
    )
    select id from held
  `;
  return new Set(rows.map((row) => row.id));
}
