import { bisect } from '@carillon/core/program/bisect';
import { concernsAddress } from '@carillon/core/provider/receipt-policy';
import type { Sql, TransactionSql } from 'postgres';
import { groupFailure } from '../connection/group-statements.ts';
import { applyAddressReceipts } from './apply-address-receipts.ts';
import { applyReceiptPolicy } from './apply-receipt-policy.ts';
import { type AppliedReceipt, applyReceipts, unappliedReceipts } from './apply-receipts.ts';
import { type AccountReceipt, type ReceiptKey, storeReceipts } from './store-receipts.ts';

/** What became of receipts: each is reported once, after the commit. */
export interface ReceiptHooks {
  applied(receipts: readonly AppliedReceipt[]): void;
  /** They concern an address and no message. */
  addressesOnly(receipts: readonly AccountReceipt[]): void;
  /** Their message was never found. */
  unknown(receipts: readonly AccountReceipt[]): void;
}

export const NO_RECEIPT_HOOKS: ReceiptHooks = {
  applied: () => {},
  addressesOnly: () => {},
  unknown: () => {},
};

/**
 * Takes verified receipts: stores the new ones, applies them and their effects, all in one commit, so that a provider
 * that gets no 2xx may repeat everything.
 */
export async function receiveReceipts(
  sql: Sql,
  received: readonly AccountReceipt[],
  hooks: Pick<ReceiptHooks, 'applied' | 'addressesOnly'> = NO_RECEIPT_HOOKS,
): Promise<AppliedReceipt[]> {
  const { applied, addressesOnly } = await sql.begin((tx) => takeReceipts(tx, received));
  hooks.applied(applied);
  hooks.addressesOnly(addressesOnly);
  return applied;
}

/** The same in a commit that adds something. */
export async function takeReceipts(
  tx: TransactionSql,
  received: readonly AccountReceipt[],
): Promise<{ applied: AppliedReceipt[]; addressesOnly: AccountReceipt[] }> {
  const fresh = await storeReceipts(tx, received);
  const isFresh = new Set(fresh.map(({ account, eventId }) => `${account}|${eventId}`));
  const addressesOnly = received.filter(
    ({ account, receipt }) => isFresh.has(`${account}|${receipt.eventId}`) && namesOnlyAnAddress(receipt),
  );
  await applyAddressReceipts(tx, addressesOnly);
  const applied = await applyReceipts(tx, fresh);
  await applyReceiptPolicy(tx, applied);
  return { applied, addressesOnly };
}

/**
 * Looks again at receipts that came before the answer they belong to. One that cannot be applied does not stop the
 * others.
 *
 * @param hooks are called after each commit.
 * @returns how many found theirs.
 * @throws why some were not applied, after all others were.
 */
export async function reapplyReceipts(
  sql: Sql,
  youngerThanMs: number,
  limit: number,
  hooks: Pick<ReceiptHooks, 'applied'> = NO_RECEIPT_HOOKS,
): Promise<number> {
  let total = 0;
  const apply = async (keys: ReceiptKey[]): Promise<undefined[]> => {
    const applied = await sql.begin(async (tx) => {
      const found = await applyReceipts(tx, keys);
      await applyReceiptPolicy(tx, found);
      return found;
    });
    total += applied.length;
    hooks.applied(applied);
    return keys.map(() => undefined);
  };
  const found = await unappliedReceipts(sql, youngerThanMs, limit);
  const failure = (await bisect([...found], apply, groupFailure)).find((end) => !end.ok);
  if (failure?.ok === false) throw failure.error;
  return total;
}

/** A report about an address this old, from another system before Carillon was in use, is ignored. */
const NEWS_MS = 24 * 3600_000;

/**
 * Gives up on receipts whose message was never found (pruned, or sent by another system through the same account):
 * their statement about the address is still applied, and then they are done.
 *
 * @returns how many.
 */
export async function giveUpReceipts(
  sql: Sql,
  olderThanMs: number,
  limit: number,
  hooks: Pick<ReceiptHooks, 'unknown'> = NO_RECEIPT_HOOKS,
): Promise<number> {
  const unknown = await sql.begin(async (tx) => {
    const rows = await tx<(AccountReceipt & { eventId: string; isNews: boolean })[]>`
      select provider_account as account, event_id as "eventId", body as receipt,
        received_at > now() - ${NEWS_MS} * interval '1 millisecond' as "isNews"
      from provider_logs
      where applied_at is null and received_at <= now() - ${olderThanMs} * interval '1 millisecond'
      order by received_at limit ${limit}
      for update skip locked`;
    const aboutAddresses = rows.filter(({ isNews, receipt }) => isNews && concernsAddress(receipt.kind));
    await applyAddressReceipts(tx, aboutAddresses);
    const keys = rows.map(({ account, eventId }) => ({ account, eventId }));
    if (keys.length > 0)
      await tx`
        update provider_logs l set applied_at = now()
        from json_to_recordset(${JSON.stringify(keys)}::text::json) as k (account text, "eventId" text)
        where l.provider_account = k.account and l.event_id = k."eventId" and l.applied_at is null`;
    return rows;
  });
  hooks.unknown(unknown);
  return unknown.length;
}

function namesOnlyAnAddress(receipt: AccountReceipt['receipt']): boolean {
  return (
    concernsAddress(receipt.kind) &&
    receipt.address !== undefined &&
    receipt.attemptId === undefined &&
    receipt.providerMessageId === undefined
  );
}
