import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Message, PushMessage, WebPushSubscription } from '@carillon/core/notification/message';
import type { Call } from '@carillon/providers/contract';
import webPush from 'web-push';

/** Credentials and messages of the contract tests; every secret contains SECRET, so that a leak is easy to see. */
export const SECRET = 'top-secret-thing';
/** In every body, so that a leaked body is easy to see. */
export const TEXT = 'Your code is 918273';

export const VAPID = { subject: 'mailto:ops@example.com', ...webPush.generateVAPIDKeys() };

export const RSA_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

export const APNS_KEY = {
  keyId: 'ABC123DEFG',
  teamId: 'TEAM123456',
  privateKey: generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
};

/** A browser's subscription: real keys, so that the encryption is real. */
export function subscription(endpoint: string): WebPushSubscription {
  const keys = createECDH('prime256v1');
  return {
    endpoint,
    keys: { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}

export const EMAIL: Message = {
  channel: 'email',
  to: 'ada@example.com',
  subject: 'Your code',
  text: TEXT,
  html: `<p>${TEXT}</p>`,
};
/** The parts of an e-mail besides its text. The second file has a name and a type that need encoding. */
export const MAIL_EXTRAS = {
  headers: {
    'Auto-Submitted': 'auto-generated',
    'List-Unsubscribe': `<https://api.example.com/v1/unsubscribe/${'eyJhIjoi'.repeat(30)}.abc-_>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  },
  attachments: [
    { filename: 'invoice.pdf', contentType: 'application/pdf', content: base64(`%PDF ${'x'.repeat(200)}`) },
    {
      filename: 'Grüße; "42".txt',
      contentType: 'text/plain; charset=utf-8',
      content: base64('Grüße\r\n.\r\n'),
    },
  ],
} as const;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export const SMS: Message = { channel: 'sms', to: '+15005550100', text: TEXT };
export const push = (to: PushMessage['to']): Message => ({
  channel: 'push',
  to,
  title: 'Your code',
  body: TEXT,
  url: 'https://app.example.com/code',
});

export const NOTIFICATION = '0f8fad5b-d9cb-869f-a165-70867728950e';
export const ATTEMPT = `${NOTIFICATION}/2`;

/** As the worker makes it: the signal's reason is an error of the worker's own. */
export function call(timeoutMs = 5_000): Call {
  const deadline = new AbortController();
  setTimeout(() => deadline.abort(new Error('too late')), timeoutMs).unref();
  return { notificationId: NOTIFICATION, attemptId: ATTEMPT, signal: deadline.signal };
}
