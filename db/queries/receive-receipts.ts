import type { Sql, TransactionSql } from 'postgres';
import { type AppliedReceipt, applyReceipts, unappliedReceipts } from './apply-receipts.ts';
import { followReceipts } from './follow-receipts.ts';
import { hearStopWords } from './hear-stop-words.ts';
import { type AccountReceipt, storeReceipts } from './store-receipts.ts';

/**
 * Takes verified receipts: stores the new ones, applies them and does what follows, all in one commit, so that a provider
 * that gets no 2xx may repeat everything.
 */
export async function receiveReceipts(
  sql: Sql,
  received: readonly AccountReceipt[],
): Promise<AppliedReceipt[]> {
  return sql.begin((tx) => takeReceipts(tx, received));
}

/** The same in a commit that has something to add. */
export async function takeReceipts(
  tx: TransactionSql,
  received: readonly AccountReceipt[],
): Promise<AppliedReceipt[]> {
  const fresh = await storeReceipts(tx, received);
  const isFresh = new Set(fresh.map(({ account, eventId }) => `${account}|${eventId}`));
  const spoken = received.filter(
    ({ account, receipt }) => isFresh.has(`${account}|${receipt.eventId}`) && isAboutANumber(receipt),
  );
  await hearStopWords(tx, spoken);
  const applied = await applyReceipts(tx, fresh);
  await followReceipts(tx, applied);
  return applied;
}

/** Looks again at receipts that came before the answer they belong to. @returns how many found it. */
export async function reapplyReceipts(sql: Sql, youngerThanMs: number, limit: number): Promise<number> {
  return sql.begin(async (tx) => {
    const applied = await applyReceipts(tx, await unappliedReceipts(tx, youngerThanMs, limit));
    await followReceipts(tx, applied);
    return applied.length;
  });
}

function isAboutANumber({ kind, attemptId, providerMessageId }: AccountReceipt['receipt']): boolean {
  return (
    (kind === 'opted_out' || kind === 'opted_in') &&
    attemptId === undefined &&
    providerMessageId === undefined
  );
}
