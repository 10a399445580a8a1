import type { Channel } from '@carillon/core/notification/channel';
import type { ContactPoint } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import { addressHash, type SuppressionReason } from '@carillon/core/recipient/suppression';
import type { TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';

/** An address of one app to which nothing more should be sent, and why, for people. */
export interface LostAddress {
  appId: string;
  environment: Environment;
  channel: Channel;
  address: string;
  detail: string;
}

const CONTACT_KINDS: Readonly<Partial<Record<Channel, readonly ContactPoint['kind'][]>>> = {
  email: ['email'],
  sms: ['phone'],
  push: ['fcm', 'apns', 'web_push'],
};

/** Which contact points an address can be, in the columns of the statements here. */
export const contactPoint = ({
  appId,
  environment,
  channel,
  address,
}: Pick<LostAddress, 'appId' | 'environment' | 'channel' | 'address'>) => ({
  appId,
  environment,
  address,
  kinds: CONTACT_KINDS[channel] ?? [],
});

/** What a provider said that suppresses an address: a receipt, or its answer to a call. */
export interface SuppressionCause {
  /** The provider account. */
  account: string;
  /** The receipt. */
  eventId?: string;
  notificationId?: string;
  /** The n of the call that was answered. */
  n?: number;
}

/** The first suppression already has a reason. */
export async function suppressAddresses(
  tx: TransactionSql,
  lost: readonly (LostAddress & { reason: SuppressionReason; cause: SuppressionCause })[],
): Promise<void> {
  if (lost.length === 0) return;
  const rows = lost.map(({ appId, environment, channel, address, reason, detail, cause }) => {
    const hash = `\\x${addressHash(appId, channel, address).toString('hex')}`;
    return { appId, environment, channel, hash, reason, detail, ...cause };
  });
  await tx`
    insert into suppressions (app_id, environment, channel, address_hash, reason, detail, added_by, provider_account,
      event_id, notification_id, attempt)
    select "appId", environment, channel, hash::bytea, reason, detail, 'provider', account, "eventId", "notificationId", n
    from json_to_recordset(${storableJson(rows)}::text::json) as r (
      "appId" uuid, environment text, channel text, hash text, reason text, detail text, account text, "eventId" text,
      "notificationId" uuid, n smallint
    )
    order by "appId", environment, channel, hash
    on conflict do nothing`;
}

/** @param lost where an attempt or a time is named, contact points registered after it are not affected. */
export async function disableContactPoints(
  tx: TransactionSql,
  lost: readonly (LostAddress & { attempt?: { id: string; n: number }; since?: Date })[],
): Promise<void> {
  if (lost.length === 0) return;
  const rows = lost.map((each) => ({
    ...contactPoint(each),
    ...each.attempt,
    since: each.since,
    reason: each.detail,
  }));
  await tx`
    update contact_points p set disabled_at = now(), disabled_reason = r.reason
    from json_to_recordset(${storableJson(rows)}::text::json) as r (
      "appId" uuid, environment text, address text, kinds jsonb, reason text, id uuid, n smallint, since timestamptz
    )
    left join delivery_attempts a on a.notification_id = r.id and a.n = r.n
    where p.address = r.address and p.app_id = r."appId" and p.environment = r.environment and r.kinds ? p.kind
      and p.disabled_at is null and p.created_at <= coalesce(least(a.started_at, r.since), 'infinity')`;
}
