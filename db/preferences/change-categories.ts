import { beforeChange } from '@carillon/core/access/audited-change';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type CategoryFields, type CategoryRow, getCategory } from './categories.ts';

/**
 * Creates or replaces how an app wants the messages of a category treated. Repeating the same values writes nothing.
 *
 * @param actor `key:<key id>`.
 * @param unchanged throws if the settings are not those that the change starts from. Not asked if they say the same
 *   already: then the change was made before.
 * @returns whether it was created.
 */
export async function putCategory(
  sql: Sql,
  tenant: Tenant,
  name: string,
  fields: CategoryFields,
  actor: string,
  unchanged?: (current: CategoryRow | null) => void,
): Promise<boolean> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    // One writer at a time, also of a category that has no row yet.
    await tx`select pg_advisory_xact_lock(hashtext(${`carillon.category ${appId} ${environment} ${name}`}))`;
    const before = await getCategory(tx, tenant, name);
    if (before !== null && before.name === name && isEqual(before, fields)) return false;
    unchanged?.(before);
    const [row] = await tx<{ created: boolean }[]>`
      insert into categories (
        app_id, environment, name, delivery_policy, resolve_within_seconds, backoff_seconds, unsubscribable, track_opens,
        track_clicks, secret, titles, descriptions, default_on, locked
      )
      values (${appId}, ${environment}, ${name}, ${fields.deliveryPolicy}, ${fields.resolveWithinSeconds},
        ${fields.backoffSeconds as number[] | null}::int[], ${fields.unsubscribable}, ${fields.trackOpens},
        ${fields.trackClicks}, ${fields.secret}, ${JSON.stringify(fields.titles)}::text::jsonb,
        ${JSON.stringify(fields.descriptions)}::text::jsonb, ${fields.defaultOn}, ${fields.locked})
      on conflict (app_id, environment, name) do update set
        delivery_policy = excluded.delivery_policy, resolve_within_seconds = excluded.resolve_within_seconds,
        backoff_seconds = excluded.backoff_seconds, unsubscribable = excluded.unsubscribable,
        track_opens = excluded.track_opens, track_clicks = excluded.track_clicks, secret = excluded.secret,
        titles = excluded.titles, descriptions = excluded.descriptions, default_on = excluded.default_on,
        locked = excluded.locked, updated_at = now()
      returning xmax = 0 as created`;
    const [was, after] = [before && auditedFields(before), auditedFields(fields)];
    await audit(tx, {
      appId,
      actor,
      action: 'category.put',
      subject: `category:${name}`,
      detail: { environment, ...after, ...beforeChange(was ?? undefined, after) },
    });
    return row!.created;
  });
}

/** Whether a row says the same. */
function isEqual(row: CategoryRow, fields: CategoryFields): boolean {
  const { name: _, updatedAt: __, ...same } = row;
  return canonicalJson(same) === canonicalJson(fields);
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

/** As they stand in the audit log. */
const auditedFields = (fields: CategoryFields) => ({
  delivery_policy: fields.deliveryPolicy,
  resolve_within_seconds: fields.resolveWithinSeconds,
  backoff_seconds: fields.backoffSeconds,
  unsubscribable: fields.unsubscribable,
  track_opens: fields.trackOpens,
  track_clicks: fields.trackClicks,
  secret: fields.secret,
  titles: fields.titles,
  descriptions: fields.descriptions,
  default: fields.defaultOn,
  lock: fields.locked,
});
