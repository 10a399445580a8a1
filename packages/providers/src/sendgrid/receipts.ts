import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { TOLERANCE_SECONDS } from '@carillon/core/webhook/standard-webhook';
import {
  isObject,
  type Json,
  jsonOf,
  known,
  machineOf,
  type ReceiptReader,
  refused,
  text,
  time,
} from '../receipts/reader.ts';

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

/** Other events change nothing: `group_resubscribe` too, because consent is given in the sending app. */
const KINDS: Readonly<Record<string, (event: Json) => readonly ReceiptKind[]>> = {
  processed: () => ['accepted'],
  deferred: () => ['delayed'],
  delivered: () => ['delivered'],
  bounce: (event) => [bounce(event)],
  dropped: ({ reason }) => DROPPED[String(reason).trim().toLowerCase()] ?? ['failed'],
  spamreport: () => ['complained'],
  unsubscribe: () => ['unsubscribed'],
  group_unsubscribe: () => ['unsubscribed'],
  open: () => ['opened'],
  click: () => ['clicked'],
};

/**
 * SendGrid drops messages that it will not try; the message failed, whatever the reason. Some reasons also concern the
 * person. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#drops
 */
const DROPPED: Readonly<Record<string, readonly ReceiptKind[]>> = {
  'bounced address': ['bounced'],
  invalid: ['bounced'],
  'spam reporting address': ['failed', 'complained'],
  'unsubscribed address': ['failed', 'unsubscribed'],
};

/** SendGrid's classes about the sender or the message: the address is not the cause. */
const NOT_THE_ADDRESS: ReadonlySet<string> = new Set([
  'reputation',
  'technical',
  'content',
  'frequency or volume too high',
]);

/**
 * `bounce` is final, `blocked` is temporary. The class and the enhanced status (RFC 3463) give the subject:
 * X.1 and X.2 the mailbox, X.2.2 one that is full, X.3 to X.7 the systems, the message or a policy.
 * https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/bounce-and-block-classifications
 */
function bounce({ type, bounce_classification: given, status }: Json): ReceiptKind {
  const group = String(given ?? '').toLowerCase();
  const [, subject = '', detail = ''] = /^[45]\.(\d{1,3})\.(\d{1,3})$/.exec(String(status ?? '')) ?? [];
  if (NOT_THE_ADDRESS.has(group)) return 'failed';
  if (group !== 'invalid address' && /^[34567]$/.test(subject)) return 'failed';
  const isFull = subject === '2' && detail === '2';
  return type === 'blocked' || isFull ? 'soft_bounced' : 'bounced';
}

function receiptOf(event: Json): Receipt[] {
  const name = String(event.event);
  const kinds = Object.hasOwn(KINDS, name) ? KINDS[name]!(event) : [];
  // An event without an id of its own is identified by its content, so that repetitions are recognized.
  const eventId =
    text(event.sg_event_id, 200) ?? createHash('sha256').update(JSON.stringify(event)).digest('hex');
  const isSeen = name === 'open' || name === 'click';
  const machine = event.sg_machine_open === true || machineOf(event.useragent);
  return kinds.map((kind, at) => ({
    eventId: at === 0 ? eventId : `${eventId}/${kind}`,
    kind,
    ...known({
      attemptId: text(event.attempt_id, 50),
      // `<X-Message-Id>.<machine>`: the first part is the id that the send returned. Empty for some bounces.
      providerMessageId: text(text(event.sg_message_id, 200)?.split('.')[0]),
      address: text(event.email, 320),
      at: time(event.timestamp),
      code: text(event.status, 100),
      detail: text(event.reason ?? event.response),
      url: text(event.url, 2000),
      machine: isSeen ? machine : undefined,
    }),
  }));
}
