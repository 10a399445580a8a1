import type { Channel } from '@carillon/core/channel';
import type { Sql } from 'postgres';

/** Enters accounts that have no breaker yet, closed. Many workers may do so at once. */
export async function registerBreakers(
  sql: Sql,
  accounts: readonly { account: string; channel: Channel }[],
): Promise<void> {
  await sql`
    insert into circuit_breakers (account, channel)
    select account, channel from json_to_recordset(${JSON.stringify(accounts)}::text::json) as a (account text, channel text)
    on conflict (account) do nothing
  `;
}
