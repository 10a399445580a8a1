import { type KeyRing, rewrap } from '@carillon/core/notification/envelope';
import type { Sql, TransactionSql } from 'postgres';
import type { OlderSecret } from '../schema/webhooks.ts';

/** The result of a rotation. */
export interface Rewrapped {
  rewrapped: number;
  /** Secrets that were already under the current key. */
  current: number;
}

/** Each place that stores sealed secrets: table, its three columns, and what a row's seal is bound to. */
export const SEALED_PLACES = [
  { table: 'provider_accounts', key: 'data_key', keyId: 'key_id', boundTo: 'provider_accounts/' },
  { table: 'webhook_endpoints', key: 'data_key', keyId: 'key_id', boundTo: 'webhook_endpoints/' },
  {
    table: 'webhook_endpoints',
    key: 'previous_data_key',
    keyId: 'previous_key_id',
    boundTo: 'webhook_endpoints/',
  },
] as const;

/**
 * Wraps the data key of every sealed secret with the current key, row by row and each in its own transaction: it can be
 * interrupted and run again, and secrets it has not reached yet open with the old key as before.
 *
 * @throws SealBroken if a row does not open, naming it; the rows before it are done.
 */
export async function rewrapSecrets(sql: Sql, ring: KeyRing): Promise<Rewrapped> {
  const done: Rewrapped = { rewrapped: 0, current: 0 };
  for (const place of SEALED_PLACES) {
    const table = sql(place.table);
    const rows = await sql<
      { id: string }[]
    >`select id from ${table} where ${sql(place.key)} is not null order by id`;
    for (const { id } of rows) {
      const changed = await sql.begin((tx) => rewrapRow(tx, ring, place, id));
      if (changed) done.rewrapped++;
      else done.current++;
    }
  }
  await rewrapOlder(sql, ring, done);
  return done;
}

/** Earlier webhook secrets, several to a row. */
async function rewrapOlder(sql: Sql, ring: KeyRing, done: Rewrapped): Promise<void> {
  const rows = await sql<{ id: string }[]>`
    select id from webhook_endpoints where older_secrets <> '[]' order by id`;
  for (const { id } of rows)
    await sql.begin(async (tx) => {
      const [row] = await tx<{ older: OlderSecret[] }[]>`
        select older_secrets as older from webhook_endpoints where id = ${id} for update`;
      const wrapped = (row?.older ?? []).map((each) => {
        const sealed = { dataKey: Buffer.from(each.data_key, 'base64'), keyId: each.key_id };
        const again = rewrap(ring, sealed, `webhook_endpoints/${id}`);
        done[again ? 'rewrapped' : 'current']++;
        return again ? { ...each, data_key: again.dataKey.toString('base64'), key_id: again.keyId } : each;
      });
      await tx`update webhook_endpoints set older_secrets = ${JSON.stringify(wrapped)}::text::jsonb where id = ${id}`;
    });
}

async function rewrapRow(
  tx: TransactionSql,
  ring: KeyRing,
  { table, key, keyId, boundTo }: (typeof SEALED_PLACES)[number],
  id: string,
): Promise<boolean> {
  const [row] = await tx<{ data_key: Buffer; key_id: string }[]>`
    select ${tx(key)} as data_key, ${tx(keyId)} as key_id from ${tx(table)} where id::text = ${id} and ${tx(key)} is not null for update`;
  if (!row) return false;
  const wrapped = rewrap(ring, { dataKey: row.data_key, keyId: row.key_id }, `${boundTo}${id}`);
  if (!wrapped) return false;
  // updated_at stays: nothing changed for workers, which open old and new alike.
  await tx`update ${tx(table)} set ${tx(key)} = ${wrapped.dataKey}, ${tx(keyId)} = ${wrapped.keyId} where id::text = ${id}`;
  return true;
}
