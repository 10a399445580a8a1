import { createVerify } from 'node:crypto';
import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import {
  attemptFrom,
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
import { sesBounce } from './bounces.ts';

/**
 * SES events through SNS. The signature proves only that AWS sent it, and any AWS customer can publish a message that
 * AWS signs: so the topic is pinned, and the certificate is fetched only from SNS hosts.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export const sesReceipts: ReceiptReader = {
  async read({ body, now }, { topicArn, certificateAt }) {
    const envelope = jsonObject(body);
    if (!envelope || !topicArn || !certificateAt) return refused('malformed');
    if (envelope.TopicArn !== topicArn) return refused('forged');
    const url = sns(envelope.SigningCertURL, CERTIFICATE);
    if (!url) return refused('forged');
    if (!fits(envelope, await certificateAt(url))) return refused('forged');
    const at = time(envelope.Timestamp);
    if (!at || Math.abs(now.getTime() - at.getTime()) > WINDOW_MS) return refused('stale');
    if (envelope.Type === 'SubscriptionConfirmation') {
      const confirm = sns(envelope.SubscribeURL, /./);
      return confirm ? { read: 'confirmation', url: confirm } : refused('forged');
    }
    if (envelope.Type !== 'Notification') return { read: 'receipts', receipts: [] };
    const event = jsonObject(String(envelope.Message));
    const eventId = text(envelope.MessageId, 200);
    return { read: 'receipts', receipts: event && eventId ? receiptsOf(eventId, event) : [] };
  },
};

/** SNS tries again for up to an hour, with the first timestamp. */
const WINDOW_MS = 60 * 60_000;
/** A file path, never a query: the API of SNS runs on the same hosts and may return text from any caller. */
const CERTIFICATE = /^\/[\w-]+\.pem$/;
const SNS_HOST = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/;

function sns(address: unknown, path: RegExp): string | null {
  const url = URL.parse(String(address));
  if (url?.protocol !== 'https:' || url.port !== '' || url.username !== '') return null;
  return SNS_HOST.test(url.hostname) && path.test(url.pathname + url.search) ? url.href : null;
}

const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

function fits(envelope: Json, certificate: string): boolean {
  const names = Object.hasOwn(SIGNED, String(envelope.Type))
    ? SIGNED[envelope.Type as keyof typeof SIGNED]
    : null;
  const algorithm = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' }[String(envelope.SignatureVersion)];
  if (!names || !algorithm || typeof envelope.Signature !== 'string') return false;
  const lines = names
    .filter((name) => envelope[name] !== undefined)
    .map((name) => `${name}\n${envelope[name]}\n`);
  try {
    return createVerify(algorithm)
      .update(lines.join(''), 'utf8')
      .verify(certificate, envelope.Signature, 'base64');
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html */
const KINDS: Readonly<Record<string, (about: Json) => readonly ReceiptKind[]>> = {
  Send: () => ['accepted'],
  Delivery: () => ['delivered'],
  DeliveryDelay: () => ['delayed'],
  Bounce: ({ bounceType, bounceSubType }) => [sesBounce(bounceType, bounceSubType)],
  Complaint: complaint,
  Reject: () => ['failed'],
  'Rendering Failure': () => ['failed'],
  Open: () => ['opened'],
  Click: () => ['clicked'],
  Subscription: ({ newTopicPreferences: wish }) => (leaves(wish) ? ['unsubscribed'] : []),
};

/**
 * The types of feedback reports (RFC 5965, 7.3; RFC 6591): only some are a person's wish. `not-spam` is the opposite of
 * a complaint, `auth-failure` is about the sender's DNS, `virus` about the message. Without a type the mailbox provider
 * only reported a complaint.
 */
const NO_WISH: ReadonlySet<unknown> = new Set(['not-spam', 'auth-failure', 'virus']);

function complaint({ complaintFeedbackType: type, complaintSubType: subType }: Json): readonly ReceiptKind[] {
  // The person complained before, so SES did not send this message at all.
  if (subType === 'OnAccountSuppressionList') return ['failed', 'complained'];
  return NO_WISH.has(String(type).toLowerCase()) ? [] : ['complained'];
}

/** A change of the preferences that SES stores. One that only joins topics is not an opt-out. */
function leaves(wish: unknown): boolean {
  if (!isObject(wish)) return false;
  const topics = Array.isArray(wish.topicSubscriptionStatus) ? wish.topicSubscriptionStatus : [];
  return (
    wish.unsubscribeAll === true ||
    topics.some((topic) => isObject(topic) && topic.subscriptionStatus === 'OptOut')
  );
}

/** An event may name several recipients; messages of this system have one each. */
function receiptsOf(eventId: string, event: Json): Receipt[] {
  const type = String(event.eventType ?? event.notificationType);
  const mail = isObject(event.mail) ? event.mail : {};
  const about = MEMBERS.map((name) => event[name]).find(isObject) ?? {};
  const kinds = Object.hasOwn(KINDS, type) ? KINDS[type]!(about) : [];
  const tags = isObject(mail.tags) ? mail.tags : {};
  const people =
    [about.bouncedRecipients, about.complainedRecipients].find(Array.isArray) ?? mail.destination;
  const person: unknown = Array.isArray(people) ? people[0] : undefined;
  const details = isObject(person) ? person : {};
  return kinds.map((kind, at) => ({
    eventId: at === 0 ? eventId : `${eventId}/${kind}`,
    kind,
    ...known({
      attemptId: attemptFrom(first(tags.notification_id), first(tags.attempt)),
      providerMessageId: text(mail.messageId, 200),
      address: text(details.emailAddress ?? person, 320),
      at: time(about.timestamp ?? mail.timestamp),
      code: text(about.bounceSubType ?? about.complaintFeedbackType, 100),
      detail: text(details.diagnosticCode ?? about.reason ?? about.errorMessage),
      url: text(about.link, 2000),
      machine: kind === 'opened' || kind === 'clicked' ? machineOf(about.userAgent) : undefined,
    }),
  }));
}

/** The field with the details of each kind of event. */
const MEMBERS = [
  'bounce',
  'complaint',
  'delivery',
  'deliveryDelay',
  'reject',
  'failure',
  'open',
  'click',
  'subscription',
] as const;

const first = (values: unknown): unknown => (Array.isArray(values) ? values[0] : undefined);
