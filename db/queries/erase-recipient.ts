import type { Channel } from '@carillon/core/channel';
import { erasedId } from '@carillon/core/erased-id';
import { addressHash } from '@carillon/core/suppression';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import type { ContactPoint } from './claim-notifications.ts';

const CHANNEL_OF: Readonly<Record<ContactPoint['kind'], Channel>> = {
  email: 'email',
  phone: 'sms',
  fcm: 'push',
  apns: 'push',
  web_push: 'push',
};

/** What may stay of an event: nothing that says who, where or what. */
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
 * Erases a person (GDPR, article 17): the recipient with contact points, preferences and inbox goes; their notifications
 * keep ids, states and times but lose address, content, data, metadata and every text of a provider, and carry a hash
 * instead of the recipient's id. What was not sent yet is cancelled; of a call that is out this moment nothing is kept
 * that could be sent again.
 *
 * A disabled address (it bounced, it said STOP) becomes a suppression by its hash, or the next import would write to it
 * again; with `suppress` all addresses do. What the app itself chose (idempotency keys, the audit log's subjects) stays.
 *
 * @param actor `key:<key id>`.
 * @returns null if the tenant has nothing of that id.
 */
export async function eraseRecipient(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  { suppress, actor }: { suppress: boolean; actor: string },
): Promise<{ notifications: number; cancelled: number } | null> {
  const { appId, environment } = tenant;
  const hash = erasedId(appId, environment, recipientId);
  return sql.begin(async (tx) => {
    const [recipient] = await tx`
      select from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId} for update`;
    const rows = await tx<{ id: string }[]>`
      select id from notifications
      where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
      order by id for update`;
    if (!recipient && rows.length === 0) return null;
    const ids = rows.map(({ id }) => id);
    await keepSuppressed(tx, tenant, recipientId, suppress);
    // Contact points, preferences and inbox go with it.
    await tx`delete from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId}`;
    await tx`delete from cap_uses where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}`;
    await forgetBeside(tx, ids);
    const cancelled = await forget(tx, ids, hash);
    await audit(tx, {
      appId,
      actor,
      action: 'recipient.erase',
      subject: `recipient:${hash}`,
      detail: { environment, notifications: ids.length, cancelled },
    });
    return { notifications: ids.length, cancelled };
  });
}

async function keepSuppressed(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
  all: boolean,
): Promise<void> {
  const points = await tx<{ kind: ContactPoint['kind']; address: string; reason: string | null }[]>`
    select kind, address, disabled_reason as reason from contact_points
    where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
      and (${all} or (disabled_at is not null and kind in ('email', 'phone')))`;
  for (const { kind, address, reason } of points) {
    const channel = CHANNEL_OF[kind];
    await tx`
      insert into suppressions (app_id, environment, channel, address_hash, reason, detail)
      values (${appId}, ${environment}, ${channel}, ${addressHash(appId, channel, address)}, 'erased', ${reason})
      on conflict do nothing`;
  }
}

/** What other tables hold of these notifications. */
async function forgetBeside(tx: TransactionSql, ids: readonly string[]): Promise<void> {
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
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'cancelled', 'api', 'the recipient was erased' from before where open
    )
    select count(*) filter (where open)::int as cancelled from before`;
  return row!.cancelled;
}
