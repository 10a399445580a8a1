import { createECDH } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { Random } from './random.ts';

/**
 * The kinds of messages the load is made of. Which provider a kind reaches follows from channel and environment: the
 * accounts of a run are split so that every guarantee class is called directly (system/accounts.ts).
 */
export interface Species {
  name: string;
  weight: number;
  environment: Environment;
  route: readonly [Channel, ...Channel[]];
  /** @param n the number of the notification in its run: part of every text, so that no two are alike. */
  body(n: string, random: Random): { to: Record<string, unknown> } & Record<string, unknown>;
  /** A provider refuses this recipient: `failed` is the right end. */
  refusable?: true;
  /** Its doubts always settle automatically, so it may have an ordering key without blocking it. */
  orderable?: true;
}

const mail = (to: string, n: string) => ({
  to: { email: to },
  content: { subject: `Message ${n}`, text: `This is message ${n}.` },
});
const text = (phone: string, n: string) => ({ to: { phone }, content: { text: `This is message ${n}.` } });
const push = (target: Record<string, unknown>, n: string) => ({
  to: { push: target },
  content: { title: `Message ${n}`, body: `This is message ${n}.` },
});

export const SPECIES: readonly Species[] = [
  {
    name: 'email/resend',
    weight: 26,
    environment: 'live',
    route: ['email'],
    orderable: true,
    body: (n) => mail(`user${n}@example.com`, n),
  },
  {
    name: 'email/resend by template',
    weight: 6,
    environment: 'live',
    route: ['email'],
    body: (n, random) => ({
      to: { recipient_id: `user_${random.whole(1, 20)}` },
      template: 'order_shipped',
      data: { name: `Ada ${n}`, order: n },
    }),
  },
  {
    name: 'email/resend, answer dropped',
    weight: 1,
    environment: 'live',
    route: ['email'],
    orderable: true,
    body: (n) => mail(`drop+${n}@example.com`, n),
  },
  {
    name: 'email/resend, no answer',
    weight: 0.5,
    environment: 'live',
    route: ['email'],
    body: (n) => mail(`timeout+${n}@example.com`, n),
  },
  {
    name: 'email/resend, throttled',
    weight: 0.5,
    environment: 'live',
    route: ['email'],
    body: (n) => mail(`throttle+${n}@example.com`, n),
  },
  {
    name: 'email/resend, bounces later',
    weight: 1,
    environment: 'live',
    route: ['email'],
    refusable: true,
    body: (n) => mail(`bounce+${n}@example.com`, n),
  },
  {
    name: 'sms/twilio',
    weight: 14,
    environment: 'live',
    route: ['sms'],
    body: (n, random) => text(phoneNumber(random), n),
  },
  {
    name: 'sms/twilio, answer dropped',
    weight: 0.7,
    environment: 'live',
    route: ['sms'],
    body: (n) => text('+15005550017', n),
  },
  {
    name: 'sms/twilio, refused',
    weight: 1,
    environment: 'live',
    route: ['sms'],
    refusable: true,
    body: (n) => text('+15005550001', n),
  },
  {
    name: 'push/fcm',
    weight: 10,
    environment: 'live',
    route: ['push'],
    body: (n) => push({ fcm_token: `device-${n}` }, n),
  },
  {
    name: 'push/web-push',
    weight: 4,
    environment: 'live',
    route: ['push'],
    body: (n) => push({ subscription: subscription(n) }, n),
  },
  {
    name: 'push, else sms, else email',
    weight: 2,
    environment: 'live',
    route: ['push', 'sms', 'email'],
    body: (n, random) => ({
      to: {
        push: { fcm_token: `bounce-${n}` },
        phone: random.chance(0.5) ? phoneNumber(random) : '+15005550001',
        email: `user${n}@example.com`,
      },
      content: {
        title: `Message ${n}`,
        body: `This is message ${n}.`,
        subject: `Message ${n}`,
        text: `This is message ${n}.`,
      },
    }),
  },
  {
    name: 'in-app',
    weight: 8,
    environment: 'live',
    route: ['in_app'],
    body: (n, random) => ({
      to: { recipient_id: `user_${random.whole(1, 20)}` },
      content: { title: `Message ${n}`, body: 'In the inbox.' },
    }),
  },
  {
    name: 'email/smtp',
    weight: 12,
    environment: 'test',
    route: ['email'],
    body: (n) => mail(`user${n}@example.com`, n),
  },
  {
    name: 'sms/generic',
    weight: 10,
    environment: 'test',
    route: ['sms'],
    orderable: true,
    body: (n, random) => text(phoneNumber(random), n),
  },
  {
    name: 'push/generic',
    weight: 4,
    environment: 'test',
    route: ['push'],
    body: (n) => push({ fcm_token: `device-${n}` }, n),
  },
];

/** From the fictional range; ten thousand people, so that some get several messages. */
function phoneNumber(random: Random): string {
  return `+1415555${String(random.whole(0, 9_999)).padStart(4, '0')}`;
}

/**
 * One browser for all: making keys costs more than everything else here, and its messages are distinguished by Topic.
 */
const browser = createECDH('prime256v1');
browser.generateKeys();
const P256DH = browser.getPublicKey('base64url', 'uncompressed');
const AUTH = Buffer.alloc(16, 7).toString('base64url');

function subscription(n: string) {
  return { endpoint: `https://localhost/push/browser-${n}`, keys: { p256dh: P256DH, auth: AUTH } };
}
