import type { DeliveryPolicy } from '@carillon/core/delivery-policy';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';

/** What a PUT says about a category, all of it; null is the default of each message's priority. */
export interface CategoryFields {
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  /** Waits before the 2nd, 3rd ... try. */
  backoffSeconds: readonly number[] | null;
  /** May people opt out of it? */
  unsubscribable: boolean;
  /** E-mail: tell of opens (a pixel), of clicks (rewritten links). */
  trackOpens: boolean;
  trackClicks: boolean;
}

/**
 * Creates or replaces how an app wants the messages of a category treated. The same once more writes nothing.
 *
 * @param actor `key:<key id>`.
 * @returns whether it was created.
 */
export async function putCategory(
  sql: Sql,
  tenant: Tenant,
  name: string,
  fields: CategoryFields,
  actor: string,
): Promise<boolean> {
  const { appId, environment } = tenant;
  const { deliveryPolicy, resolveWithinSeconds, backoffSeconds, unsubscribable, trackOpens, trackClicks } =
    fields;
  return sql.begin(async (tx) => {
    const [row] = await tx<{ created: boolean }[]>`
      insert into categories as c (
        app_id, environment, name, delivery_policy, resolve_within_seconds, backoff_seconds, unsubscribable, track_opens,
        track_clicks
      )
      values (${appId}, ${environment}, ${name}, ${deliveryPolicy}, ${resolveWithinSeconds},
        ${backoffSeconds as number[] | null}::int[], ${unsubscribable}, ${trackOpens}, ${trackClicks})
      on conflict (app_id, environment, name) do update set
        delivery_policy = excluded.delivery_policy, resolve_within_seconds = excluded.resolve_within_seconds,
        backoff_seconds = excluded.backoff_seconds, unsubscribable = excluded.unsubscribable,
        track_opens = excluded.track_opens, track_clicks = excluded.track_clicks, updated_at = now()
      where (c.delivery_policy, c.resolve_within_seconds, c.backoff_seconds, c.unsubscribable, c.track_opens, c.track_clicks)
        is distinct from (excluded.delivery_policy, excluded.resolve_within_seconds, excluded.backoff_seconds,
          excluded.unsubscribable, excluded.track_opens, excluded.track_clicks)
      returning xmax = 0 as created`;
    if (!row) return false;
    await audit(tx, {
      appId,
      actor,
      action: 'category.put',
      subject: `category:${name}`,
      detail: {
        environment,
        delivery_policy: deliveryPolicy,
        resolve_within_seconds: resolveWithinSeconds,
        backoff_seconds: backoffSeconds,
        unsubscribable,
        track_opens: trackOpens,
        track_clicks: trackClicks,
      },
    });
    return row.created;
  });
}
