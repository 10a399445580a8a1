import type { Sql, TransactionSql } from 'postgres';

export interface Epoch {
  epoch: string;
  changed_at: Date;
  /** How long ago that is, by PostgreSQL's clock. */
  age_ms: number;
  /** Up to here (by created_at) the rebuild has come; null when it is complete. */
  rebuild_from: Date | null;
}

export async function readEpoch(sql: Sql | TransactionSql, namespace: string): Promise<Epoch | null> {
  const [row] = await sql<Epoch[]>`
    select epoch, changed_at, rebuild_from, (extract(epoch from now() - changed_at) * 1000)::float8 as age_ms
    from redis_epoch where namespace = ${namespace}
  `;
  return row ?? null;
}

/** Whether another part of this namespace has an epoch: the lanes were in Redis before, on one server or on several. */
export async function hasEpochs(tx: TransactionSql, namespace: string, except: string): Promise<boolean> {
  const [row] = await tx<[{ has: boolean }]>`
    select exists (
      select from redis_epoch
      where namespace <> ${except} and changed_at < now() - interval '1 minute'
        and (namespace = ${namespace} or starts_with(namespace, ${`${namespace}/`}))
    ) as has`;
  return row.has;
}

/** Held until the transaction ends: one process at a time compares and declares. */
export async function lockEpoch(tx: TransactionSql, namespace: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('carillon.epoch'), hashtext(${namespace}))`;
}

/** @param rebuildFrom creation time from which notifications must be announced again; null when there are none. */
export async function declareEpoch(
  tx: TransactionSql,
  namespace: string,
  epoch: string,
  rebuildFrom: Date | null,
): Promise<void> {
  await tx`
    insert into redis_epoch (namespace, epoch, rebuild_from) values (${namespace}, ${epoch}, ${rebuildFrom})
    on conflict (namespace) do update set epoch = excluded.epoch, changed_at = now(), rebuild_from = excluded.rebuild_from
  `;
}

/** Moves the rebuild's bookmark; null ends it. A newer epoch is left alone. */
export async function markRebuilt(
  sql: Sql,
  namespace: string,
  epoch: string,
  upTo: Date | null,
): Promise<void> {
  await sql`update redis_epoch set rebuild_from = ${upTo} where namespace = ${namespace} and epoch = ${epoch}`;
}
