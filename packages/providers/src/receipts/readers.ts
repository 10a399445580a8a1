import { DEFINITIONS } from '../providers.ts';
import type { ReceiptReader } from './reader.ts';

/** The providers that send receipts, and their readers. */
export const RECEIPT_READERS: Readonly<Record<string, ReceiptReader>> = Object.fromEntries(
  DEFINITIONS.flatMap(({ id, receipts }) => (receipts ? [[id, receipts.reader]] : [])),
);
