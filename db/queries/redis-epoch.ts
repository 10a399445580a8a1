import type { Sql } from 'postgres';

export interface Epoch {
  epoch: string;
  changed_at: Date;
  /** Up to here (by created_at) the rebuild has come; null when it is complete. */
  rebuild_from: Date | null;
}

export async function readEpoch(sql: Sql, namespace: string): Promise<Epoch | null> {
  const [row] = await sql<Epoch[]>`
    select epoch, changed_at, rebuild_from from redis_epoch where namespace = ${namespace}
  `;
  return row ?? null;
}

/**
 * Declares a new epoch, if the known one is still `seen`: of several processes that notice the same loss one wins.
 * Returns whether this call won.
 */
export async function declareEpoch(
  sql: Sql,
  namespace: string,
  seen: string | null,
  epoch: string,
  rebuildFrom: Date | null,
): Promise<boolean> {
  const rows = await sql`
    insert into redis_epoch (namespace, epoch, rebuild_from) values (${namespace}, ${epoch}, ${rebuildFrom})
    on conflict (namespace) do update set epoch = excluded.epoch, changed_at = now(), rebuild_from = excluded.rebuild_from
    where redis_epoch.epoch = ${seen}
    returning namespace
  `;
  return rows.length > 0;
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
