import type { PendingQuery, Row, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * Adds choices by category to the preferences of many recipients, in the order of their ids. A choice that is there
 * stays, and false counts in any case: so an opt-out never becomes an opt-in. With `resubscribe` the new choice counts.
 *
 * @param given a relation `g` with `id` and `categories` (null for none), each id at most once.
 * @returns the ids of those whose preferences changed.
 */
export async function mergeCategories(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  given: PendingQuery<Row[]>,
  { resubscribe }: { resubscribe: boolean },
): Promise<string[]> {
  const merged = mergedCategories(tx, tx`excluded.categories`, resubscribe);
  const rows = await tx<{ id: string }[]>`
    insert into user_preferences as p (app_id, environment, recipient_id, categories)
    select ${appId}, ${environment}, g.id, g.categories from ${given} where g.categories is not null order by g.id
    on conflict (app_id, environment, recipient_id) do update set categories = ${merged}, updated_at = now()
    where p.categories is distinct from ${merged}
    returning p.recipient_id as id`;
  return rows.map(({ id }) => id);
}

/** The categories that the row `p` has after these are merged. */
export function mergedCategories(
  sql: TransactionSql,
  given: PendingQuery<Row[]>,
  resubscribe: boolean,
): PendingQuery<Row[]> {
  if (resubscribe) return sql`(p.categories || ${given})`;
  return sql`(
    ${given} || p.categories || coalesce((
      select jsonb_object_agg(c.key, c.value) from jsonb_each(${given}) c where c.value = 'false'
    ), '{}')
  )`;
}
