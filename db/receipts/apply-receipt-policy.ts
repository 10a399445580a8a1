import type { Receipt } from '@carillon/core/provider/receipt';
import { RECEIPT_POLICY, SOFT_BOUNCE_LIMIT } from '@carillon/core/provider/receipt-policy';
import { bareAddress } from '@carillon/core/recipient/bare-address';
import { addressHash } from '@carillon/core/recipient/suppression';
import type { TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import { optOut } from '../preferences/change-preferences.ts';
import { suppressForAccount } from './apply-address-receipts.ts';
import type { AppliedReceipt } from './apply-receipts.ts';
import {
  contactPoint,
  disableContactPoints,
  type LostAddress,
  suppressAddresses,
} from './suppress-addresses.ts';

/**
 * Applies RECEIPT_POLICY: suppressions, disabled contact points, opt-outs and events, in the transaction that applied
 * the receipts.
 */
export async function applyReceiptPolicy(
  tx: TransactionSql,
  given: readonly AppliedReceipt[],
): Promise<void> {
  const applied = await withoutRepeats(tx, given);
  const about = applied.flatMap((each) => {
    const address = addressOf(each);
    return address === undefined ? [] : [{ ...each, about: address }];
  });
  await suppress(tx, about);
  await disable(
    tx,
    about.filter(({ kind }) => RECEIPT_POLICY[kind].disablesContactPoint === 'at once'),
  );
  await countSoftBounces(tx, about);
  await leave(
    tx,
    applied.filter(({ kind }) => RECEIPT_POLICY[kind].optsOut),
  );
  await announce(tx, applied);
}

async function withoutRepeats(
  tx: TransactionSql,
  applied: readonly AppliedReceipt[],
): Promise<AppliedReceipt[]> {
  const counted = new Map<string, AppliedReceipt>();
  for (const each of applied.filter(({ kind }) => RECEIPT_POLICY[kind].oncePerMessage)) {
    const key = `${each.notificationId}/${each.kind}`;
    if (!counted.has(key)) counted.set(key, each);
  }
  if (counted.size === 0) return [...applied];
  const rows = [...counted.values()].map(({ notificationId, kind }) => ({ notificationId, kind }));
  const keys = applied.map(({ account, eventId }) => ({ account, eventId }));
  const before = await tx<{ key: string }[]>`
    select distinct r."notificationId" || '/' || r.kind as key
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r ("notificationId" uuid, kind text)
    join provider_logs l on l.notification_id = r."notificationId" and l.kind = r.kind and l.applied_at is not null
    where not exists (
      select from json_to_recordset(${JSON.stringify(keys)}::text::json) as k (account text, "eventId" text)
      where k.account = l.provider_account and k."eventId" = l.event_id
    )`;
  for (const { key } of before) counted.delete(key);
  const first = new Set(counted.values());
  return applied.filter((each) => first.has(each) || !RECEIPT_POLICY[each.kind].oncePerMessage);
}

type About = AppliedReceipt & { about: string };

/** The address that the provider names; else the address of the message. */
function addressOf({ receipt, address, channel }: AppliedReceipt): string | undefined {
  if (receipt.address) return bareAddress(channel, receipt.address);
  if (channel === 'email') return address?.email;
  return channel === 'sms' ? address?.phone : undefined;
}

async function suppress(tx: TransactionSql, about: readonly About[]): Promise<void> {
  await suppressAddresses(
    tx,
    about.flatMap((each) => {
      const { optsOut, suppresses: reason } = RECEIPT_POLICY[each.kind];
      return reason && !optsOut ? [{ ...lost(each), reason, cause: causeOf(each) }] : [];
    }),
  );
  for (const each of about) {
    const { forAllAppsOfSender, suppresses: reason } = RECEIPT_POLICY[each.kind];
    // Other apps must not be led to a message of this one.
    const { notificationId: _, ...cause } = causeOf(each);
    if (forAllAppsOfSender && reason && each.channel === 'sms')
      await suppressForAccount(tx, cause, each.about, reason, words(each.account, each.receipt));
  }
}

const causeOf = ({ account, eventId, notificationId }: AppliedReceipt) => ({
  account,
  eventId,
  notificationId,
});

async function disable(tx: TransactionSql, about: readonly About[]): Promise<void> {
  await disableContactPoints(
    tx,
    about.map((each) => {
      const { detail, ...rest } = lost(each);
      return { ...rest, detail: `bounced: ${detail}` };
    }),
  );
}

const bouncedSoftly = ({ kind }: About): boolean =>
  RECEIPT_POLICY[kind].disablesContactPoint === 'after some';

/** A delivery resets the count of soft bounces to zero. */
async function countSoftBounces(tx: TransactionSql, about: readonly About[]): Promise<void> {
  const rows = about.flatMap((each) =>
    bouncedSoftly(each) || each.movedTo === 'delivered'
      ? [{ ...contactPoint(lost(each)), soft: bouncedSoftly(each) }]
      : [],
  );
  if (rows.length === 0) return;
  await tx`
    update contact_points p
    set soft_bounces = case when r.soft then p.soft_bounces + 1 else 0 end,
        disabled_at = case when r.soft and p.soft_bounces + 1 >= ${SOFT_BOUNCE_LIMIT} then coalesce(p.disabled_at, now()) else p.disabled_at end,
        disabled_reason = case when r.soft and p.soft_bounces + 1 >= ${SOFT_BOUNCE_LIMIT}
          then coalesce(p.disabled_reason, ${`${SOFT_BOUNCE_LIMIT} soft bounces in a row`}) else p.disabled_reason end
    from json_to_recordset(${storableJson(rows)}::text::json) as r (
      "appId" uuid, environment text, address text, kinds jsonb, soft boolean
    )
    where p.address = r.address and p.app_id = r."appId" and p.environment = r.environment and r.kinds ? p.kind
      and (r.soft or p.soft_bounces > 0)`;
}

/** From a category, where the message had one and the person is known; else the address is suppressed entirely. */
async function leave(tx: TransactionSql, applied: readonly AppliedReceipt[]): Promise<void> {
  for (const each of applied) {
    const { appId, environment, recipientId, channel } = each;
    const category = each.category ?? 'all';
    const address = addressOf(each);
    const link = { appId, environment, category };
    if (recipientId !== null && each.category !== null) await optOut(tx, { ...link, recipientId });
    else if (address !== undefined)
      await optOut(
        tx,
        { ...link, addressHash: addressHash(appId, channel, address).toString('hex') },
        false,
        causeOf(each),
      );
  }
}

/** Changes of state are announced by triggers (db/triggers); these are not changes of state. */
async function announce(tx: TransactionSql, applied: readonly AppliedReceipt[]): Promise<void> {
  const rows = applied.flatMap((each) => {
    const type = RECEIPT_POLICY[each.kind].event;
    if (!type) return [];
    const { appId, environment, notificationId, channel, recipientId, category, account, receipt } = each;
    const data = {
      notification_id: notificationId,
      channel,
      recipient_id: recipientId ?? undefined,
      category: category ?? undefined,
      provider: account,
      at: receipt.at,
      url: receipt.url,
      ...(type === 'notification.bounced'
        ? { permanent: each.kind === 'bounced', code: receipt.code, detail: receipt.detail }
        : {}),
      ...(each.kind === 'opened' || each.kind === 'clicked' ? { machine: receipt.machine ?? false } : {}),
    };
    return [{ appId, environment, type, notificationId, data }];
  });
  if (rows.length === 0) return;
  await tx`
    select emit_event("appId", environment, type, "notificationId", data)
    from json_to_recordset(${storableJson(rows)}::text::json) as r (
      "appId" uuid, environment text, type text, "notificationId" uuid, data jsonb
    )`;
}

const lost = ({ appId, environment, channel, about, account, receipt }: About): LostAddress => ({
  appId,
  environment,
  channel,
  address: about,
  detail: words(account, receipt),
});

function words(account: string, { kind, code, detail }: Receipt): string {
  return [`${account} reported ${kind}`, code, detail].filter(Boolean).join(': ').slice(0, 500);
}
