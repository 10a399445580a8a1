import type { Receipt, ReceiptKind } from '@carillon/core/receipt';
import { addressHash, normalizeAddress, type SuppressionReason } from '@carillon/core/suppression';
import type { TransactionSql } from 'postgres';
import type { AppliedReceipt } from './apply-receipts.ts';
import {
  contactPoint,
  disableContactPoints,
  type LostAddress,
  suppressAddresses,
} from './give-up-addresses.ts';
import { suppressForAccount } from './hear-stop-words.ts';
import { optOut } from './opt-out.ts';

/**
 * What receipts mean beyond the one message: an address that bounced for good or complained is not written to again, one
 * that keeps bouncing softly is disabled, an unsubscribe is a preference, and customers' endpoints hear of it. In the
 * transaction that applied the receipts.
 */
export async function followReceipts(tx: TransactionSql, applied: readonly AppliedReceipt[]): Promise<void> {
  const about = applied.flatMap((each) => {
    const address = addressOf(each);
    return address === undefined ? [] : [{ ...each, about: address }];
  });
  await suppress(tx, about);
  await disable(
    tx,
    about.filter(({ kind }) => kind === 'bounced'),
  );
  await countSoftBounces(tx, about);
  await leave(
    tx,
    applied.filter(({ kind }) => kind === 'unsubscribed'),
  );
  await announce(tx, applied);
}

type About = AppliedReceipt & { about: string };

const SUPPRESSES: Readonly<Partial<Record<ReceiptKind, SuppressionReason>>> = {
  bounced: 'bounce',
  complained: 'complaint',
  opted_out: 'stop',
};

/** This many soft bounces without a delivery in between, and the address counts as dead. */
export const SOFT_BOUNCES = 5;

/** The provider says whom it is about; else it is whom we wrote to. */
function addressOf({ receipt, address, channel }: AppliedReceipt): string | undefined {
  if (receipt.address) return normalizeAddress(channel, bare(receipt.address));
  if (channel === 'email') return address?.email;
  return channel === 'sms' ? address?.phone : undefined;
}

/** `Ada <ada@example.test>` is written to ada@example.test. */
const bare = (address: string): string => /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address;

async function suppress(tx: TransactionSql, about: readonly About[]): Promise<void> {
  await suppressAddresses(
    tx,
    about.flatMap((each) => {
      const reason = SUPPRESSES[each.kind];
      return reason ? [{ ...lost(each), reason }] : [];
    }),
  );
  // Whoever says STOP says it to the sender: every app that has the same one must hear of it.
  for (const { account, channel, about: address, receipt } of about.filter(
    ({ kind }) => kind === 'opted_out',
  ))
    if (channel === 'sms') await suppressForAccount(tx, account, address, words(account, receipt));
}

async function disable(tx: TransactionSql, about: readonly About[]): Promise<void> {
  await disableContactPoints(
    tx,
    about.map((each) => {
      const { detail, ...rest } = lost(each);
      return { ...rest, detail: `bounced: ${detail}` };
    }),
  );
}

/** A delivery forgives what bounced softly before it. */
async function countSoftBounces(tx: TransactionSql, about: readonly About[]): Promise<void> {
  const rows = about.flatMap((each) =>
    each.kind === 'soft_bounced' || each.movedTo === 'delivered'
      ? [{ ...contactPoint(lost(each)), soft: each.kind === 'soft_bounced' }]
      : [],
  );
  if (rows.length === 0) return;
  await tx`
    update contact_points p
    set soft_bounces = case when r.soft then p.soft_bounces + 1 else 0 end,
        disabled_at = case when r.soft and p.soft_bounces + 1 >= ${SOFT_BOUNCES} then coalesce(p.disabled_at, now()) else p.disabled_at end,
        disabled_reason = case when r.soft and p.soft_bounces + 1 >= ${SOFT_BOUNCES}
          then coalesce(p.disabled_reason, ${`${SOFT_BOUNCES} soft bounces in a row`}) else p.disabled_reason end
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (
      "appId" uuid, environment text, address text, kinds jsonb, soft boolean
    )
    where p.address = r.address and p.app_id = r."appId" and p.environment = r.environment and r.kinds ? p.kind
      and (r.soft or p.soft_bounces > 0)`;
}

/** Of a category, where the message had one and the person is known; else the address is left alone altogether. */
async function leave(tx: TransactionSql, applied: readonly AppliedReceipt[]): Promise<void> {
  for (const each of applied) {
    const { appId, environment, recipientId, channel } = each;
    const category = each.category ?? 'all';
    const address = addressOf(each);
    const link = { appId, environment, category };
    if (recipientId !== null && each.category !== null) await optOut(tx, { ...link, recipientId });
    else if (address !== undefined)
      await optOut(tx, { ...link, addressHash: addressHash(appId, channel, address).toString('hex') });
  }
}

const EVENTS: Readonly<Partial<Record<ReceiptKind, string>>> = {
  bounced: 'notification.bounced',
  soft_bounced: 'notification.bounced',
  complained: 'notification.complained',
  opened: 'notification.opened',
  clicked: 'notification.clicked',
};

/** Changes of state announce themselves (migration 0004); this is about what is none. */
async function announce(tx: TransactionSql, applied: readonly AppliedReceipt[]): Promise<void> {
  const rows = applied.flatMap((each) => {
    const type = EVENTS[each.kind];
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
    };
    return [{ appId, environment, type, notificationId, data }];
  });
  if (rows.length === 0) return;
  await tx`
    select emit_event("appId", environment, type, "notificationId", data)
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (
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
