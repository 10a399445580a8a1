import type { Sql } from 'postgres';

/** Notifications in doubt: those that are still looked into, and those that wait for a person. */
export async function countDoubts(sql: Sql): Promise<{ open: number; held: number }> {
  const [row] = await sql<[{ open: number; held: number }]>`
    select count(next_attempt_at)::int as open, (count(*) - count(next_attempt_at))::int as held
    from notifications where rare_state = 'in_doubt'`;
  return row;
}
