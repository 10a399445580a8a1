import { createECDH, randomBytes } from 'node:crypto';
import type { LoadJob, MessageSpec } from './job.ts';

const TEXT =
  'Hello Ada, we shipped your order this morning. It travels with the usual carrier and should be with you in two days; you can follow it on your account page.';
/** Stand in the template for the message's number, for four digits of a phone and for one of the demo's people. */
const NUMBER = '@number@';
const DIGITS = '@digits@';
const PERSON = '@person@';
/** Placeholder for the part before the number in an address: the simulator obeys some keywords. */
const WORD = '@word@';
/** apps/local/src/demo-recipients.ts: user_1 to user_20. */
const PEOPLE = { from: 1, count: 20 };

/** Makes requests as they go over the wire; a batch holds the messages `from` to `from + count - 1`. */
export function requestMaker(job: LoadJob): (from: number, count: number, isBatch: boolean) => Buffer {
  const template = JSON.stringify(templateOf(job));
  const [path, listName] =
    job.shape === 'carillon' ? ['/v1/notifications', 'notifications'] : ['/messages', 'messages'];
  const { host } = new URL(job.url);
  return (from, count, isBatch) => {
    const items = Array.from({ length: count }, (_, k) => fill(template, from + k, job.message));
    const body = isBatch ? `{"${listName}":[${items.join()}]}` : items[0]!;
    const head = [
      `POST ${path}${isBatch ? '/batch' : ''} HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${job.apiKey}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}

function fill(
  template: string,
  i: number,
  { failingEvery = Number.POSITIVE_INFINITY, people = PEOPLE }: MessageSpec,
): string {
  return template
    .replace(WORD, i % failingEvery === failingEvery - 1 ? 'error+' : 'user')
    .replaceAll(NUMBER, String(i))
    .replace(DIGITS, String(i % 10_000).padStart(4, '0'))
    .replace(PERSON, String((i % people.count) + people.from));
}

function templateOf({ shape, message, run }: LoadJob): Record<string, unknown> {
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
      return { to: { email: `${WORD}${NUMBER}@${run}.example.com` }, channel: 'email', content: words };
    case 'phone':
      return { to: { phone: `+1415555${DIGITS}` }, channel: 'sms', content: { text: words.text } };
    case 'fcm':
      return { to: { push: { fcm_token: `device-${run}-${NUMBER}` } }, channel: 'push', content: shown };
    case 'web_push':
      return { to: { push: { subscription: subscription(pushPort) } }, channel: 'push', content: shown };
    case 'recipient':
      return { to: { recipient_id: `user_${PERSON}` }, channel: 'in_app', content: shown };
  }
}

/**
 * As a browser makes it: the push service cannot decrypt what is encrypted for these keys, and neither can Carillon.
 */
function subscription(port: number | undefined) {
  const browser = createECDH('prime256v1');
  browser.generateKeys();
  return {
    endpoint: `https://127.0.0.1:${port}/push/browser-${NUMBER}`,
    keys: { p256dh: browser.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}
