import type { Sql } from 'postgres';

export interface Renewal {
  id: string;
  leaseToken: string;
  leaseMs: number;
}

/**
 * Extends the leases of claims whose worker is still at it; one statement for all. A lease that has run out but that
 * nobody has taken away yet is extended too: until rescue has spoken the attempt is its worker's.
 *
 * @returns the ids whose lease was still theirs; the others are somebody else's by now.
 */
export async function renewLeases(sql: Sql, renewals: readonly Renewal[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    with renewals as materialized (
      select * from json_to_recordset(${JSON.stringify(renewals)}::text::json) as r (
        id uuid, "leaseToken" uuid, "leaseMs" int
      )
    )
    update notifications n set lease_until = now() + r."leaseMs" * interval '1 millisecond'
    from renewals r
    where n.id = r.id and n.lease_token = r."leaseToken"
    returning n.id
  `;
  return new Set(rows.map((row) => row.id));
}
