import type { Sql } from 'postgres';

/** At which provider an account is (`twilio` for `twilio-eu`), and nothing else about it; null if it is not known. */
export async function providerOfAccount(sql: Sql, account: string): Promise<string | null> {
  const [row] = await sql<
    { provider: string }[]
  >`select provider from provider_accounts where id = ${account}`;
  return row?.provider ?? null;
}
