import { createPublicKey, verify } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/receipt';
import { TOLERANCE_SECONDS } from '@carillon/core/standard-webhook';
import { isObject, type Json, jsonOf, known, type ReceiptReader, refused, text, time } from './reader.ts';

/**
 * SendGrid's Event Webhook: ECDSA (P-256, SHA-256) over timestamp and raw body, whose last bytes are CRLF. The "secret"
 * is the public key, base64 SPKI. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export const sendgridReceipts: ReceiptReader = {
  read({ body, header, now }, { secrets }) {
    const signature = header('x-twilio-email-event-webhook-signature');
    const timestamp = header('x-twilio-email-event-webhook-timestamp');
    if (!signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) return refused('malformed');
    const signed = Buffer.concat([Buffer.from(timestamp, 'ascii'), body]);
    if (!secrets.some((key) => fits(key, signed, signature))) return refused('forged');
    if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return refused('stale');
    const events = jsonOf(body);
    if (!Array.isArray(events)) return refused('malformed');
    return { read: 'receipts', receipts: events.filter(isObject).flatMap(receiptOf) };
  },
};

function fits(key: string, signed: Buffer, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    // RSA or Ed25519 keys would verify other algorithms than the one agreed on.
    if (publicKey.asymmetricKeyType !== 'ec') return false;
    return verify('sha256', signed, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

const KINDS: Readonly<Record<string, ReceiptKind>> = {
  processed: 'accepted',
  deferred: 'delayed',
  delivered: 'delivered',
  spamreport: 'complained',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
  open: 'opened',
  click: 'clicked',
};

/** SendGrid drops what it will not try: its reason says whether the address is to blame. */
const DROPPED: readonly [RegExp, ReceiptKind][] = [
  [/bounced/i, 'bounced'],
  [/invalid/i, 'bounced'],
  [/spam report/i, 'complained'],
  [/unsubscribed/i, 'unsubscribed'],
];

function kindOf({ event, type, reason }: Json): ReceiptKind | undefined {
  // `blocked` is about the moment or our reputation, not about the address.
  if (event === 'bounce') return type === 'blocked' ? 'soft_bounced' : 'bounced';
  if (event === 'dropped') return DROPPED.find(([words]) => words.test(String(reason)))?.[1] ?? 'failed';
  return KINDS[String(event)];
}

function receiptOf(event: Json): Receipt[] {
  const eventId = text(event.sg_event_id, 200);
  const kind = kindOf(event);
  if (!eventId || !kind) return [];
  return [
    {
      eventId,
      kind,
      ...known({
        attemptId: text(event.attempt_id, 50),
        // `<X-Message-Id>.<machine>`: the first part is what the send was answered with.
        providerMessageId: text(event.sg_message_id, 200)?.split('.')[0],
        address: text(event.email, 320),
        at: time(event.timestamp),
        code: text(event.status, 100),
        detail: text(event.reason ?? event.response),
        url: text(event.url, 2000),
      }),
    },
  ];
}
