import { createHash, timingSafeEqual } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import {
  isObject,
  type Json,
  jsonObject,
  known,
  machineOf,
  type ReceiptReader,
  refused,
  text,
  time,
} from '../receipts/reader.ts';

/**
 * Postmark's webhooks. They are not signed: calls are authenticated by HTTP basic authentication, with the user name
 * and password in the configured URL. So a secret is `user:password`, the URL has to be https, and only the connection
 * protects the body. There is no timestamp either: a replay is stopped by the event id.
 * https://postmarkapp.com/developer/webhooks/webhooks-overview
 */
export const postmarkReceipts: ReceiptReader = {
  read({ body, header }, { secrets }) {
    const given = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header('authorization') ?? '')?.[1];
    if (given === undefined) return refused('malformed');
    const credentials = Buffer.from(given, 'base64');
    if (!secrets.some((secret) => isSame(secret, credentials))) return refused('forged');
    const event = jsonObject(body);
    if (!event) return refused('malformed');
    const kind = kindOf(event);
    return { read: 'receipts', receipts: kind ? [receipt(kind, event)] : [] };
  },
};

/** Constant time, also for different lengths. */
function isSame(secret: string, given: Buffer): boolean {
  const digest = (value: string | Buffer) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(secret), digest(given));
}

/** Other types change nothing: `Inbound`, and future ones. */
const KINDS: Readonly<Record<string, (event: Json) => ReceiptKind | null>> = {
  Delivery: () => 'delivered',
  Bounce: ({ Type: type }) => {
    const name = String(type);
    return Object.hasOwn(BOUNCES, name) ? BOUNCES[name]! : 'failed';
  },
  SpamComplaint: () => 'complained',
  Open: () => 'opened',
  Click: () => 'clicked',
  SubscriptionChange: subscriptionChange,
};

function kindOf(event: Json): ReceiptKind | null {
  const name = String(event.RecordType);
  return Object.hasOwn(KINDS, name) ? KINDS[name]!(event) : null;
}

/**
 * Every type of https://postmarkapp.com/developer/api/bounce-api#bounce-types. `soft_bounced` is a temporary state of
 * the mailbox or its server; null is a reply of a person or a machine to a delivered message.
 */
const BOUNCES: Readonly<Record<string, ReceiptKind | null>> = {
  HardBounce: 'bounced',
  Transient: 'soft_bounced',
  Unsubscribe: 'unsubscribed',
  Subscribe: null,
  AutoResponder: null,
  AddressChange: null,
  DnsError: 'soft_bounced',
  SpamNotification: 'failed',
  OpenRelayTest: null,
  Unknown: 'soft_bounced',
  SoftBounce: 'soft_bounced',
  VirusNotification: 'failed',
  // The recipient's server requires a person's answer before it delivers.
  ChallengeVerification: 'delayed',
  BadEmailAddress: 'bounced',
  SpamComplaint: 'complained',
  ManuallyDeactivated: 'failed',
  Unconfirmed: 'failed',
  Blocked: 'failed',
  SMTPApiError: 'failed',
  InboundError: null,
  DMARCPolicy: 'failed',
  TemplateRenderingFailed: 'failed',
};

/**
 * An address was added to the stream's suppression list. Of manual changes only those of the recipient are the
 * recipient's wish; removals are ignored here, because consent is given in the sending app.
 */
function subscriptionChange(event: Json): ReceiptKind | null {
  if (event.SuppressSending !== true) return null;
  switch (event.SuppressionReason) {
    case 'HardBounce':
      return 'bounced';
    case 'SpamComplaint':
      return 'complained';
    case 'ManualSuppression':
      return event.Origin === 'Recipient' ? 'unsubscribed' : null;
    default:
      return null;
  }
}

function receipt(kind: ReceiptKind, event: Json): Receipt {
  const metadata = isObject(event.Metadata) ? event.Metadata : {};
  const at = event.DeliveredAt ?? event.BouncedAt ?? event.ReceivedAt ?? event.ChangedAt;
  const messageId = text(event.MessageID, 200);
  const address = text(event.Recipient ?? event.Email, 320);
  const url = kind === 'clicked' ? text(event.OriginalLink, 2000) : undefined;
  const isSeen = kind === 'opened' || kind === 'clicked';
  return {
    eventId: eventId(event, [messageId, address, text(at, 60), url]),
    kind,
    ...known({
      attemptId: text(metadata.attempt, 50),
      providerMessageId: messageId,
      address,
      at: time(at),
      code: text(event.Type ?? event.SuppressionReason, 100),
      detail: text(event.Description ?? event.Details),
      url,
      machine: isSeen ? machineOf(event.UserAgent) : undefined,
    }),
  };
}

/**
 * Only bounces and complaints have an id of their own; for others it is derived from their content, so that repetitions
 * are recognized.
 */
function eventId({ RecordType: type, ID: id }: Json, told: (string | undefined)[]): string {
  const name = text(type, 40);
  if (typeof id === 'number') return `${name}/${id}`;
  return `${name}/${createHash('sha256').update(JSON.stringify(told)).digest('hex')}`;
}
