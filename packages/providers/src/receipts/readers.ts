import { genericReceipts } from './generic.ts';
import type { ReceiptReader } from './reader.ts';
import { resendReceipts } from './resend.ts';
import { sendgridReceipts } from './sendgrid.ts';
import { sesReceipts } from './ses.ts';
import { termiiReceipts } from './termii.ts';
import { twilioReceipts } from './twilio.ts';

/** Which providers send receipts, and how theirs are read. */
export const RECEIPT_READERS: Readonly<Record<string, ReceiptReader>> = {
  resend: resendReceipts,
  sendgrid: sendgridReceipts,
  ses: sesReceipts,
  twilio: twilioReceipts,
  termii: termiiReceipts,
  generic: genericReceipts,
};
