import type { ContactPoint } from '@carillon/core/notification/compose';
import { erasedId } from '@carillon/core/recipient/erased-id';
import { CHANNEL_OF_KIND } from '@carillon/core/recipient/reachability';
import { addressHash } from '@carillon/core/recipient/suppression';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import { eraseFromCampaigns } from '../campaigns/erase-from-campaigns.ts';
import type { Tenant } from '../connection/tenant.ts';
import { eraseImportErrors } from '../imports/import-errors.ts';
import { countEnded } from '../origins/count-changes.ts';
import { sentToTheirAddresses } from './sent-to-addresses.ts';

/** What may stay of an event: nothing that identifies a person, an address or a content. */
const EVENT_FIELDS = [
  'notification_id',
  'status',
  'channel',
  'priority',
  'category',
  'campaign_id',
  'provider',
  'attempts',
  'created_at',
];

/**
 * Erases a person (GDPR, article 17): the recipient with contact points, preferences and inbox is deleted; their
 * notifications keep ids, states and times but lose address, content, data, metadata and every text of a provider, and
 * carry a hash instead of the recipient's id. Unsent notifications are cancelled; of a call in flight nothing is kept
 * that could be sent again.
 *
 * Notifications sent to one of their addresses without a recipient id are theirs too, unless another recipient has that
 * address.
 *
 * Lines of imports that were refused and are theirs are deleted, too.
 *
 * A disabled address (a bounce, STOP) becomes a suppression by its hash, or the next import would write to it again;
 * with `suppress` all addresses do. Values chosen by the app (idempotency keys, the audit log's subjects) stay.
 *
 * @param actor `key:<key id>`.
 * @returns null if the tenant has nothing of that id; `calls`: how many calls may be about to be written.
 */
export async function eraseRecipient(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  { suppress, actor }: { suppress: boolean; actor: string },
): Promise<{ notifications: number; cancelled: number; calls: number } | null> {
  const { appId, environment } = tenant;
  const hash = erasedId(appId, environment, recipientId);
  return sql.begin(async (tx) => {
    const [recipient] = await tx`
      select from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId} for update`;
    await eraseFromCampaigns(tx, tenant, recipientId, hash);
    const bare = await sentToTheirAddresses(tx, tenant, recipientId);
    const rows = await tx<{ id: string; calling: boolean }[]>`
      select id, state in ('sending', 'in_doubt') as calling from notifications
      where app_id = ${appId} and environment = ${environment}
        and (recipient_id = ${recipientId} or id = any (${bare}::uuid[]) and recipient_id is null)
      order by id for update`;
    const errors = await eraseImportErrors(tx, tenant, recipientId);
    if (!recipient && rows.length === 0 && errors === 0) return null;
    const ids = rows.map(({ id }) => id);
    await keepSuppressed(tx, tenant, recipientId, { all: suppress, actor });
    // Contact points, preferences and inbox are deleted with it. A recipient that is added under this id in between is
    // another person.
    if (recipient)
      await tx`delete from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId}`;
    await tx`delete from cap_uses where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}`;
    await eraseRelated(tx, ids);
    const cancelled = await forget(tx, ids, hash);
    await audit(tx, {
      appId,
      actor,
      action: 'recipient.erase',
      subject: `recipient:${hash}`,
      detail: { environment, notifications: ids.length, cancelled },
    });
    return { notifications: ids.length, cancelled, calls: rows.filter(({ calling }) => calling).length };
  });
}

async function keepSuppressed(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
  { all, actor }: { all: boolean; actor: string },
): Promise<void> {
  const points = await tx<{ kind: ContactPoint['kind']; address: string; reason: string | null }[]>`
    select kind, address, disabled_reason as reason from contact_points
    where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
      and (${all} or (disabled_at is not null and kind in ('email', 'phone')))`;
  for (const { kind, address, reason } of points) {
    const channel = CHANNEL_OF_KIND[kind];
    await tx`
      insert into suppressions (app_id, environment, channel, address_hash, reason, detail, added_by)
      values (${appId}, ${environment}, ${channel}, ${addressHash(appId, channel, address)}, 'erased', ${reason}, ${actor})
      on conflict do nothing`;
  }
}

/** Rows of other tables about these notifications. */
async function eraseRelated(tx: TransactionSql, ids: readonly string[]): Promise<void> {
  const of = tx`notification_id = any (${ids as string[]}::uuid[])`;
  await tx`update delivery_attempts set rendered = null, error = null where ${of}`;
  await tx`update notification_history set reason = 'erased', detail = null where ${of}`;
  await tx`update provider_logs set body = body - 'address' - 'detail' - 'url' where ${of}`;
  await tx`delete from attachments where ${of}`;
  await tx`
    update events set data = coalesce((
      select jsonb_object_agg(key, value) from jsonb_each(data) where key = any (${EVENT_FIELDS})
    ), '{}')
    where ${of}`;
}

/** @returns how many were cancelled. */
async function forget(tx: TransactionSql, ids: readonly string[], hash: string): Promise<number> {
  const [row] = await tx<{ cancelled: number }[]>`
    with before as materialized (
      select id, state in ('scheduled', 'pending', 'queued', 'retrying') as open
      from notifications where id = any (${ids as string[]}::uuid[])
    ), forgotten as (
      update notifications n
      set recipient_id = ${hash}, address = null, options = null, error = null,
          data = case when n.data is null then null else '{}'::jsonb end,
          content = case when n.content is null then null else '{}'::jsonb end,
          state = case when b.open then 'cancelled' else n.state end,
          next_attempt_at = case when b.open then null else n.next_attempt_at end,
          -- A call that is out, or a doubt: its outcome is still recorded, but nothing is sent any more.
          expires_at = case when n.state in ('sending', 'in_doubt') then now() else n.expires_at end,
          updated_at = now()
      from before b where n.id = b.id
      returning n.id, n.origin_id, n.origin_variant, n.state, b.open
    ), ${countEnded(tx, tx`(select * from forgotten where open)`)}, told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'cancelled', 'api', 'the recipient was erased' from before where open
    )
    select count(*) filter (where open)::int as cancelled from before`;
  return row!.cancelled;
}
