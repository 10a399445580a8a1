import { reapplyReceipts } from '@carillon/db/queries/receive-receipts';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/** A receipt may overtake the answer that brings the provider's id; after this long nothing will come any more. */
const WORTH_A_LOOK_MS = 5 * 60_000;
const BATCH = 5000;

/** Applies receipts that found no notification when they came. */
export function receipts({ sql }: { sql: Sql }): Duty {
  return {
    name: 'receipts',
    everyMs: 2000,
    runOnce: () => reapplyReceipts(sql, WORTH_A_LOOK_MS, BATCH),
  };
}
