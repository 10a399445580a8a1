import { DELIVERY_POLICIES } from '@carillon/core/notification/delivery-policy';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import type { Sql } from 'postgres';
import { categoryOf } from '../load/plan.ts';

/** Many and short: outages of a run must not use up the tries of a message, nor make it wait for an hour. */
const BACKOFF_SECONDS = [1, 2, 3, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8];

/**
 * The categories of the load: one per delivery policy, and `*` for what has none.
 *
 * @param resolveWithinSeconds how long evidence is waited for before the policy decides
 */
export async function insertCategories(sql: Sql, appId: string, resolveWithinSeconds: number): Promise<void> {
  for (const environment of ENVIRONMENTS) {
    const rows = [
      { name: '*', policy: 'resolve' },
      ...DELIVERY_POLICIES.map((policy) => ({ name: categoryOf(policy), policy })),
    ];
    for (const { name, policy } of rows)
      await sql`
        insert into categories (app_id, environment, name, delivery_policy, resolve_within_seconds, backoff_seconds)
        values (${appId}, ${environment}, ${name}, ${policy}, ${resolveWithinSeconds}, ${BACKOFF_SECONDS})
        on conflict (app_id, environment, name) do nothing`;
  }
}
