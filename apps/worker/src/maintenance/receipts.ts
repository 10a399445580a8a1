import { giveUpReceipts, type ReceiptHooks, reapplyReceipts } from '@carillon/db/receipts/receive-receipts';
import { traceReceipts } from '@carillon/services/receipts/receipt-spans';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/** A receipt may overtake the answer that brings the provider's id; after this long none can match any more. */
const WORTH_A_LOOK_MS = 5 * 60_000;
const BATCH = 5000;
const GIVE_UP_BATCH = 500;

/**
 * Applies receipts that found no notification when they came, and gives up on those that never will: their statement
 * about the address is applied all the same.
 */
export function receipts({ sql, hooks }: { sql: Sql; hooks?: ReceiptHooks }): Duty {
  return {
    name: 'receipts',
    everyMs: 2000,
    async runOnce() {
      const startedAt = Date.now();
      const found = await reapplyReceipts(sql, WORTH_A_LOOK_MS, BATCH, {
        applied: (receipts) => {
          hooks?.applied(receipts);
          traceReceipts(receipts, startedAt);
        },
      });
      return found + (await giveUpReceipts(sql, WORTH_A_LOOK_MS, GIVE_UP_BATCH, hooks));
    },
  };
}
