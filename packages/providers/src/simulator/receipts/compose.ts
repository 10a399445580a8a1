import { createHmac, createSign, randomUUID } from 'node:crypto';
import { signWebhook } from '@carillon/core/standard-webhook';
import {
  RESEND_SIGNING_SECRET,
  SENDGRID_SIGNING_KEY,
  SNS_SIGNING_KEY,
  SNS_TOPIC,
  TERMII_SIGNING_SECRET,
} from './keys.ts';

/** What the simulated provider tells of a message it accepted. */
export interface Told {
  what: 'delivered' | 'bounced' | 'complained';
  to: string;
  attemptId: string | null;
  /** The id its acceptance was answered with. */
  messageId: string;
}

/** A signed call of our receipt address, as the provider makes it. */
export interface ReceiptCall {
  headers: Record<string, string>;
  body: string;
}

/** Each provider's own words and signature. @param url the address that is called: Twilio signs it. */
export const COMPOSE: Readonly<Record<string, (told: Told, url: string, now: Date) => ReceiptCall>> = {
  resend: (told, _, now) => {
    const [notificationId, n] = told.attemptId?.split('/') ?? [];
    const type = { delivered: 'email.delivered', bounced: 'email.bounced', complained: 'email.complained' }[
      told.what
    ];
    const bounce =
      told.what === 'bounced'
        ? { bounce: { type: 'Permanent', subType: 'General', message: 'no such mailbox' } }
        : {};
    const data = {
      email_id: told.messageId,
      to: [told.to],
      tags: { notification_id: notificationId, attempt: n },
      ...bounce,
    };
    const body = JSON.stringify({ type, created_at: now.toISOString(), data });
    const id = `msg_${randomUUID()}`;
    const seconds = secondsOf(now);
    const signature = signWebhook([RESEND_SIGNING_SECRET], id, seconds, body);
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': String(seconds),
        'svix-signature': signature,
      },
    };
  },

  sendgrid: (told, _, now) => {
    const event = { delivered: 'delivered', bounced: 'bounce', complained: 'spamreport' }[told.what];
    const bounce =
      told.what === 'bounced' ? { type: 'bounce', reason: '550 no such mailbox', status: '5.1.1' } : {};
    const events = [
      {
        event,
        email: told.to,
        timestamp: secondsOf(now),
        sg_event_id: randomUUID(),
        sg_message_id: `${told.messageId}.simulator`,
        attempt_id: told.attemptId,
        ...bounce,
      },
    ];
    const body = `${JSON.stringify(events)}\r\n`;
    const timestamp = String(secondsOf(now));
    const signature = createSign('sha256')
      .update(timestamp + body)
      .sign(SENDGRID_SIGNING_KEY, 'base64');
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      },
    };
  },

  ses: (told, _, now) => {
    const [notificationId, n] = told.attemptId?.split('/') ?? [];
    const mail = {
      messageId: told.messageId,
      destination: [told.to],
      tags: { notification_id: [notificationId], attempt: [n] },
      timestamp: now.toISOString(),
    };
    const event = {
      delivered: {
        eventType: 'Delivery',
        mail,
        delivery: { recipients: [told.to], timestamp: now.toISOString() },
      },
      bounced: {
        eventType: 'Bounce',
        mail,
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: 'General',
          bouncedRecipients: [{ emailAddress: told.to, diagnosticCode: 'smtp; 550 5.1.1' }],
        },
      },
      complained: {
        eventType: 'Complaint',
        mail,
        complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: told.to }] },
      },
    }[told.what];
    const fields: Record<string, string> = {
      Message: JSON.stringify(event),
      MessageId: randomUUID(),
      Timestamp: now.toISOString(),
      TopicArn: SNS_TOPIC,
      Type: 'Notification',
    };
    const signed = Object.entries(fields)
      .map(([name, value]) => `${name}\n${value}\n`)
      .join('');
    const envelope = {
      ...fields,
      SignatureVersion: '2',
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-simulator.pem',
      Signature: createSign('RSA-SHA256').update(signed).sign(SNS_SIGNING_KEY, 'base64'),
    };
    return {
      body: JSON.stringify(envelope),
      headers: { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' },
    };
  },

  twilio: (told, url) => {
    const status = told.what === 'delivered' ? 'delivered' : 'undelivered';
    const fields: Record<string, string> = {
      AccountSid: 'AC00000000000000000000000000000000',
      MessageSid: told.messageId,
      MessageStatus: status,
      To: told.to,
      ...(status === 'undelivered' ? { ErrorCode: told.what === 'complained' ? '21610' : '30005' } : {}),
    };
    const signed =
      url +
      Object.entries(fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => name + value)
        .join('');
    const signature = createHmac('sha1', 'simulator').update(signed).digest('base64');
    return {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    };
  },

  termii: (told, _, now) => {
    const status = {
      delivered: 'Delivered',
      bounced: 'Message Failed',
      complained: 'DND Active on Phone Number',
    }[told.what];
    const body = JSON.stringify({
      type: 'outbound',
      message_id: told.messageId,
      receiver: told.to.replace('+', ''),
      status,
      sent_at: now.toISOString(),
    });
    const signature = createHmac('sha512', TERMII_SIGNING_SECRET).update(body).digest('hex');
    return { body, headers: { 'content-type': 'application/json', 'x-termii-signature': signature } };
  },

  generic: (told, _, now) => {
    const body = JSON.stringify({
      id: randomUUID(),
      type: told.what,
      attempt_id: told.attemptId,
      message_id: told.messageId,
      address: told.to,
      at: now.toISOString(),
    });
    const seconds = secondsOf(now);
    const hex = createHmac('sha256', 'simulator-shared-secret').update(`${seconds}.${body}`).digest('hex');
    return {
      body,
      headers: { 'content-type': 'application/json', 'x-carillon-signature': `t=${seconds},v1=${hex}` },
    };
  },
};

const secondsOf = (now: Date): number => Math.floor(now.getTime() / 1000);
