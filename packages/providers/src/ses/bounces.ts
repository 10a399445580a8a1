import type { ReceiptKind } from '@carillon/core/provider/receipt';

/**
 * SES' bounces by type and subtype, and so Resend's, which sends through SES. Only a bounce about the mailbox may have
 * a consequence for its address; one about the message (too large, content, chosen time-out) fails the message alone.
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
 */
const BOUNCES: Readonly<Record<string, ReceiptKind>> = {
  'permanent/general': 'bounced',
  'permanent/noemail': 'bounced',
  'permanent/suppressed': 'bounced',
  'permanent/onaccountsuppressionlist': 'bounced',
  // The person unsubscribed from a list that SES manages; nothing was sent.
  'permanent/unsubscribedrecipient': 'failed',
  'transient/general': 'soft_bounced',
  'transient/mailboxfull': 'soft_bounced',
  'transient/messagetoolarge': 'failed',
  'transient/contentrejected': 'failed',
  'transient/attachmentrejected': 'failed',
  'transient/customtimeoutexceeded': 'failed',
  'undetermined/undetermined': 'soft_bounced',
};

const BY_TYPE: Readonly<Record<string, ReceiptKind>> = {
  permanent: 'bounced',
  transient: 'soft_bounced',
  undetermined: 'soft_bounced',
};

/** @returns for an unknown type `failed`: it says nothing about the address. */
export function sesBounce(type: unknown, subType: unknown): ReceiptKind {
  const kind = String(type).toLowerCase();
  return BOUNCES[`${kind}/${String(subType).toLowerCase()}`] ?? BY_TYPE[kind] ?? 'failed';
}
