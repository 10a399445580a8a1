import { createHmac, createSign } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Delivery, ec, NOW, read, SCHEMES, SECONDS, TOPIC } from './signed-receipts.ts';

const withHeader =
  (name: string, change: (value: string) => string) =>
  (delivery: Delivery): Delivery => ({
    ...delivery,
    headers: { ...delivery.headers, [name]: change(delivery.headers[name]!) },
  });
const withField = (name: string, value: unknown) => (delivery: Delivery) => ({
  ...delivery,
  body: JSON.stringify({ ...JSON.parse(delivery.body), [name]: value }),
});
/** Signed with the right key by another algorithm. */
const hmac =
  (algorithm: string, key: string, encoding: 'base64' | 'hex', content: (d: Delivery) => string) =>
  (name: string, form: (digest: string) => string = (digest) => digest) =>
  (delivery: Delivery): Delivery =>
    withHeader(name, () => form(createHmac(algorithm, key).update(content(delivery)).digest(encoding)))(
      delivery,
    );
const basic = (user: string) => `Basic ${Buffer.from(user).toString('base64')}`;
const next = (value: string) => String(Number(value) + 1);

/** Beside the body and the key, which every scheme is tried with above: what else is signed, and how. */
const TAMPERED: [string, string, (delivery: Delivery) => Delivery][] = [
  ['resend', 'another id', withHeader('svix-id', () => 'msg_2')],
  ['resend', 'another time', withHeader('svix-timestamp', next)],
  ['resend', 'another version', withHeader('svix-signature', (value) => value.replace('v1,', 'v2,'))],
  ['resend', 'no version', withHeader('svix-signature', (value) => value.slice(3))],
  [
    'resend',
    'another algorithm',
    hmac(
      'sha512',
      'the secret of today',
      'base64',
      ({ body }) => `msg_1.${SECONDS}.${body}`,
    )('svix-signature', (digest) => `v1,${digest}`),
  ],
  ['sendgrid', 'another time', withHeader('x-twilio-email-event-webhook-timestamp', next)],
  [
    'sendgrid',
    'another algorithm',
    (delivery) =>
      withHeader('x-twilio-email-event-webhook-signature', () =>
        createSign('sha512').update(`${SECONDS}${delivery.body}`).sign(ec.privateKey, 'base64'),
      )(delivery),
  ],
  ['twilio', 'another attempt', (delivery) => ({ ...delivery, url: delivery.url.replace('%2F2', '%2F3') })],
  ['twilio', 'one field more', (delivery) => ({ ...delivery, body: `${delivery.body}&Body=STOP` })],
  ['twilio', 'the same as JSON', withHeader('content-type', () => 'application/json')],
  [
    'twilio',
    'another algorithm',
    hmac(
      'sha256',
      '12345',
      'base64',
      ({ url, body }) =>
        url +
        [...new URLSearchParams(body)]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flat()
          .join(''),
    )('x-twilio-signature'),
  ],
  ['postmark', 'another password', withHeader('authorization', () => basic('carillon:password'))],
  ['postmark', 'another user', withHeader('authorization', () => basic('admin:pass:word'))],
  ['postmark', 'a longer password', withHeader('authorization', () => basic('carillon:pass:word '))],
  ['postmark', 'a shorter password', withHeader('authorization', () => basic('carillon:pass:wor'))],
  ['postmark', 'an empty password', withHeader('authorization', () => basic('carillon:'))],
  ['postmark', 'nobody', withHeader('authorization', () => basic(':'))],
  ['postmark', 'another scheme', withHeader('authorization', (value) => value.replace('Basic', 'Bearer'))],
  ['postmark', 'the password unencoded', withHeader('authorization', () => 'Basic carillon:pass:word')],
  ['ses', 'another id', withField('MessageId', 'sns_2')],
  ['ses', 'another time', withField('Timestamp', new Date(NOW.getTime() + 1000).toISOString())],
  ['ses', 'another topic', withField('TopicArn', `${TOPIC}-other`)],
  ['ses', 'another type', withField('Type', 'SubscriptionConfirmation')],
  ['ses', 'a subject', withField('Subject', 'urgent')],
  ['ses', 'another algorithm', withField('SignatureVersion', '1')],
  ['ses', 'an algorithm there is not', withField('SignatureVersion', '3')],
  ['ses', 'an algorithm of an object', withField('SignatureVersion', 'constructor')],
  ['ses', 'no signature', withField('Signature', undefined)],
  [
    'termii',
    'another algorithm',
    hmac('sha256', 'termii secret', 'hex', ({ body }) => body)('x-termii-signature'),
  ],
  ['generic', 'another time', withHeader('x-carillon-signature', (value) => value.replace(/\d+/, next))],
  ['generic', 'another version', withHeader('x-carillon-signature', (value) => value.replace('v1', 'v2'))],
  [
    'generic',
    'another algorithm',
    hmac(
      'sha1',
      'a shared secret of ours',
      'hex',
      ({ body }) => `${SECONDS}.${body}`,
    )('x-carillon-signature', (digest) => `t=${SECONDS},v1=${digest}`),
  ],
];

test.each(TAMPERED)('a receipt of %s with %s than was signed is refused', async (provider, _, tamper) => {
  const scheme = SCHEMES[provider]!;
  const good = scheme.sign(scheme.good);
  expect((await read(provider, good, scheme.trust)).read).toBe('receipts');
  const tampered = tamper(good);
  expect(tampered).not.toEqual(good);
  expect((await read(provider, tampered, scheme.trust)).read).toBe('refused');
});

test('a secret without a key verifies nothing, because the empty key is public', async () => {
  const scheme = SCHEMES.resend!;
  for (const secret of ['whsec_', 'whsec_%%%']) {
    const signature = `v1,${createHmac('sha256', '').update(`msg_1.${SECONDS}.${scheme.good}`).digest('base64')}`;
    const forged = withHeader('svix-signature', () => signature)(scheme.sign(scheme.good));
    expect(await read('resend', forged, { secrets: [secret] })).toEqual({ read: 'refused', why: 'forged' });
  }
});
