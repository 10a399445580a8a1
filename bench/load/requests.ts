import { createECDH, randomBytes } from 'node:crypto';
import type { LoadJob, MessageSpec } from './job.ts';

const TEXT =
  'Hello Ada, we shipped your order A-1750 this morning. It travels with the usual carrier and should be with you in two days; you can follow it on your account page.';
/** Stands where the number of the message goes. */
const NUMBER = '@@';
const PEOPLE = 20;

/** Makes requests as they go over the wire: `make(i, n)` holds the messages i to i + n - 1. */
export function requestMaker(job: LoadJob): (from: number, count: number, batch: boolean) => Buffer {
  const parts = JSON.stringify(template(job)).split(NUMBER);
  const [path, listName] =
    job.shape === 'carillon' ? ['/v1/notifications', 'notifications'] : ['/messages', 'messages'];
  const { host } = new URL(job.url);
  return (from, count, batch) => {
    const items = Array.from({ length: count }, (_, k) => parts.join(numberOf(job.message, from + k)));
    const body = batch ? `{"${listName}":[${items.join()}]}` : items[0]!;
    const head = [
      `POST ${path}${batch ? '/batch' : ''} HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${job.apiKey}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}

function template({ shape, message, run }: LoadJob): Record<string, unknown> {
  const words = { subject: `Your order ${NUMBER} is on its way`, text: TEXT };
  if (shape === 'control') return { to: `user${NUMBER}@${run}.example.com`, ...words };
  return {
    ...addressed(message, run, words),
    priority: message.priority,
    category: 'orders',
    idempotency_key: `${run}-${NUMBER}`,
  };
}

function addressed({ to, pushPort }: MessageSpec, run: string, words: { subject: string; text: string }) {
  const shown = { title: words.subject, body: words.text };
  switch (to) {
    case 'email':
      return { to: { email: `user${NUMBER}@${run}.example.com` }, channel: 'email', content: words };
    case 'phone':
      return { to: { phone: `+1415555${NUMBER}` }, channel: 'sms', content: { text: words.text } };
    case 'fcm':
      return { to: { push: { fcm_token: `device-${run}-${NUMBER}` } }, channel: 'push', content: shown };
    case 'web_push':
      return { to: { push: { subscription: subscription(pushPort) } }, channel: 'push', content: shown };
    case 'recipient':
      return { to: { recipient_id: `user_${NUMBER}` }, channel: 'in_app', content: shown };
  }
}

/** People and phones are few; addresses and devices as many as messages. Idempotency keys are made apart from this. */
function numberOf({ to }: MessageSpec, i: number): string {
  if (to === 'phone') return String(i).padStart(4, '0');
  return String(i);
}

function subscription(port: number | undefined) {
  const browser = createECDH('prime256v1');
  browser.generateKeys();
  return {
    endpoint: `https://127.0.0.1:${port}/push/browser-${NUMBER}`,
    keys: { p256dh: browser.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}

export const RECIPIENTS = PEOPLE;
