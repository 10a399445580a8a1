import { beforeChange } from '@carillon/core/access/audited-change';
import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';

/** The complete settings that a PUT gives a category; null is the default of each message's priority. */
export interface CategoryFields {
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  /** Waits before the 2nd, 3rd ... try. */
  backoffSeconds: readonly number[] | null;
  /** May people opt out of it? */
  unsubscribable: boolean;
  /** E-mail: report opens (a pixel) and clicks (rewritten links). */
  trackOpens: boolean;
  trackClicks: boolean;
  /** Are the texts of its messages removed as soon as they are final? */
  secret: boolean;
}

/**
 * Creates or replaces how an app wants the messages of a category treated. Repeating the same values writes nothing.
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
  const {
    deliveryPolicy,
    resolveWithinSeconds,
    backoffSeconds,
    unsubscribable,
    trackOpens,
    trackClicks,
    secret,
  } = fields;
  return sql.begin(async (tx) => {
    const [before] = await tx<Record<string, unknown>[]>`
      select delivery_policy, resolve_within_seconds, backoff_seconds, unsubscribable, track_opens, track_clicks, secret
      from categories where app_id = ${appId} and environment = ${environment} and name = ${name}
      for update`;
    const [row] = await tx<{ created: boolean }[]>`
      insert into categories as c (
        app_id, environment, name, delivery_policy, resolve_within_seconds, backoff_seconds, unsubscribable, track_opens,
        track_clicks, secret
      )
      values (${appId}, ${environment}, ${name}, ${deliveryPolicy}, ${resolveWithinSeconds},
        ${backoffSeconds as number[] | null}::int[], ${unsubscribable}, ${trackOpens}, ${trackClicks}, ${secret})
      on conflict (app_id, environment, name) do update set
        delivery_policy = excluded.delivery_policy, resolve_within_seconds = excluded.resolve_within_seconds,
        backoff_seconds = excluded.backoff_seconds, unsubscribable = excluded.unsubscribable,
        track_opens = excluded.track_opens, track_clicks = excluded.track_clicks, secret = excluded.secret, updated_at = now()
      where (c.delivery_policy, c.resolve_within_seconds, c.backoff_seconds, c.unsubscribable, c.track_opens, c.track_clicks,
        c.secret)
        is distinct from (excluded.delivery_policy, excluded.resolve_within_seconds, excluded.backoff_seconds,
          excluded.unsubscribable, excluded.track_opens, excluded.track_clicks, excluded.secret)
      returning xmax = 0 as created`;
    if (!row) return false;
    const after = {
      delivery_policy: deliveryPolicy,
      resolve_within_seconds: resolveWithinSeconds,
      backoff_seconds: backoffSeconds,
      unsubscribable,
      track_opens: trackOpens,
      track_clicks: trackClicks,
      secret,
    };
    await audit(tx, {
      appId,
      actor,
      action: 'category.put',
      subject: `category:${name}`,
      detail: { environment, ...after, ...beforeChange(before, after) },
    });
    return row.created;
  });
}

/**
 * Removes a category's own settings: from now on `*` applies to its messages, or the defaults do.
 *
 * @param name in its normalised form (categoryName); rows of earlier versions, in another case, are removed too.
 * @param actor `key:<key id>`.
 */
export async function deleteCategory(sql: Sql, tenant: Tenant, name: string, actor: string): Promise<void> {
  const { appId, environment } = tenant;
  await sql.begin(async (tx) => {
    const gone = await tx`
      delete from categories where app_id = ${appId} and environment = ${environment} and lower(name) = ${name}
      returning name`;
    if (gone.length === 0) return;
    await audit(tx, {
      appId,
      actor,
      action: 'category.delete',
      subject: `category:${name}`,
      detail: { environment },
    });
  });
}
