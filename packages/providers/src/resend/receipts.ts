import type { Receipt, ReceiptKind } from '@carillon/core/provider/receipt';
import { refuseWebhook } from '@carillon/core/webhook/standard-webhook';
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
import { sesBounce } from '../ses/bounces.ts';

/** Resend's webhooks: signed in the Svix format. https://resend.com/docs/dashboard/webhooks/event-types */
export const resendReceipts: ReceiptReader = {
  read({ body, header, now }, { secrets }) {
    const id = header('svix-id') ?? '';
    const signed = {
      id,
      timestamp: header('svix-timestamp') ?? '',
      signature: header('svix-signature') ?? '',
      body,
    };
    const why = refuseWebhook(signed, secrets, now);
    if (why) return refused(why);
    const event = jsonObject(body);
    if (!event || !isObject(event.data)) return refused('malformed');
    const kind = kindOf(event.type, event.data);
    return { read: 'receipts', receipts: kind ? [receipt(id, kind, event, event.data)] : [] };
  },
};

/** Other types change nothing: `email.scheduled`, `email.received`, and all about domains and contacts. */
const KINDS: Readonly<Record<string, ReceiptKind>> = {
  'email.sent': 'accepted',
  'email.delivered': 'delivered',
  'email.delivery_delayed': 'delayed',
  'email.complained': 'complained',
  'email.opened': 'opened',
  'email.clicked': 'clicked',
  'email.failed': 'failed',
  // It is on Resend's own suppression list: an address that bounced or complained before.
  'email.suppressed': 'bounced',
};

function kindOf(type: unknown, data: Json): ReceiptKind | undefined {
  if (type !== 'email.bounced') return KINDS[String(type)];
  return isObject(data.bounce) ? sesBounce(data.bounce.type, data.bounce.subType) : 'failed';
}

function receipt(eventId: string, kind: ReceiptKind, event: Json, data: Json): Receipt {
  const tags = tagsOf(data.tags);
  const why = isObject(data.bounce) ? data.bounce : isObject(data.failed) ? data.failed : {};
  const click = isObject(data.click) ? data.click : {};
  const seen = kind === 'opened' ? data.open : kind === 'clicked' ? data.click : undefined;
  return {
    eventId,
    kind,
    ...known({
      attemptId: attemptFrom(tags.notification_id, tags.attempt),
      providerMessageId: text(data.email_id, 200),
      address: text(Array.isArray(data.to) ? data.to[0] : data.to, 320),
      at: time(event.created_at),
      code: text(why.subType ?? why.type ?? why.reason, 100),
      detail: text(why.message),
      url: text(click.link, 2000),
      machine: isObject(seen) ? machineOf(seen.userAgent) : undefined,
    }),
  };
}

/** Tags are returned as a map, or as the list that was sent. */
function tagsOf(tags: unknown): Json {
  if (isObject(tags)) return tags;
  if (!Array.isArray(tags)) return {};
  return Object.fromEntries(tags.filter(isObject).map(({ name, value }) => [String(name), value]));
}
