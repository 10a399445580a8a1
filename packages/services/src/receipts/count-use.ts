import type { Receipt } from '@carillon/core/provider/receipt';
import { parseAttemptId } from '@carillon/core/text/ids';
import { accountOfAttempt } from '@carillon/db/attempts/attempt-account';
import { type ReceiptHooks, receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import type { ServiceContext } from '../context.ts';
import { requestSpan, traceReceipts } from './receipt-spans.ts';

/** An open or click of an e-mail. Its event id deduplicates repeats. */
export type Use = Pick<Receipt, 'kind' | 'eventId' | 'url' | 'machine'>;

/**
 * Records an open or a click of a tracked e-mail as a receipt of the account that sent it; ignored if the account was
 * removed.
 *
 * @param hooks learn what became of it.
 */
export async function countUse(
  { db }: Pick<ServiceContext, 'db'>,
  { attemptId, use }: { attemptId: string; use: Use },
  hooks?: ReceiptHooks,
): Promise<void> {
  const attempt = await accountOfAttempt(db, parseAttemptId(attemptId)!);
  if (attempt === null) return;
  const { account, now: at } = attempt;
  const startedAt = Date.now();
  const applied = await receiveReceipts(db, [{ account, receipt: { ...use, attemptId, at } }], hooks);
  traceReceipts(applied, startedAt, requestSpan);
}
