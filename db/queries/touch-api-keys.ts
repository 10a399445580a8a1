import type { Sql } from 'postgres';

/** Notes that these keys were used. Several API processes do this for one key; the guard keeps it to once a minute. */
export async function touchApiKeys(sql: Sql, keyIds: readonly string[]): Promise<void> {
  await sql`
    update api_keys set last_used_at = now()
    where id = any (${[...keyIds]}::text[])
      and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
}
