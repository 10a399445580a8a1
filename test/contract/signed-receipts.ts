import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import type { ReceiptRequest, ReceiptTrust } from '@carillon/providers/receipts/reader';
import { RECEIPT_READERS } from '@carillon/providers/receipts/readers';

/** Receipts of every provider, signed as the real ones are, for tests that read them and that tamper with them. */
export const NOW = new Date('2026-11-21T09:00:00Z');
export const SECONDS = NOW.getTime() / 1000;
export const ID = '11111111-2222-8333-8444-555555555555';

export interface Delivery {
  body: string;
  headers: Record<string, string>;
  url: string;
}

/** One way of signing per provider: what a test tampers with is made good first. */
interface Scheme {
  trust: ReceiptTrust;
  otherTrust: ReceiptTrust;
  sign(body: string, at?: number): Delivery;
  good: string;
  /** The scheme has a clock. */
  timed: boolean;
  /** False: it shows who calls and proves nothing of the body. */
  signsBody?: false;
}

export const bytes = (text: string) => Buffer.from(text).toString('base64');
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const spki = (pair: typeof ec) =>
  pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
export const pem = (pair: typeof rsa) => pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:carillon';
export const URL_OF = (provider: string) => `https://api.example.test/v1/receipts/${provider}/main`;

export const SCHEMES: Record<string, Scheme> = {
  resend: {
    trust: { secrets: [`whsec_${bytes('the secret of today')}`] },
    otherTrust: { secrets: [`whsec_${bytes('another secret')}`] },
    timed: true,
    good: JSON.stringify({
      type: 'email.bounced',
      created_at: '2026-11-21T08:59:00Z',
      data: {
        email_id: 're_1',
        to: ['ada@example.test'],
        tags: { notification_id: ID, attempt: '2' },
        bounce: { type: 'Permanent', message: 'no such user' },
      },
    }),
    sign(body, at = SECONDS) {
      const headers = {
        'svix-id': 'msg_1',
        'svix-timestamp': String(at),
        'svix-signature': signWebhook(this.trust.secrets, 'msg_1', at, body),
      };
      return { body, headers, url: URL_OF('resend') };
    },
  },
  sendgrid: {
    trust: { secrets: [spki(ec)] },
    otherTrust: { secrets: [spki(otherEc)] },
    timed: true,
    good: `${JSON.stringify([
      {
        sg_event_id: 'e1',
        event: 'bounce',
        type: 'bounce',
        email: 'ada@example.test',
        sg_message_id: 'sg_1.machine-7',
        attempt_id: `${ID}/2`,
        timestamp: SECONDS,
      },
    ])}\r\n`,
    sign(body, at = SECONDS) {
      const signature = createSign('sha256').update(`${at}${body}`).sign(ec.privateKey, 'base64');
      return {
        body,
        headers: {
          'x-twilio-email-event-webhook-signature': signature,
          'x-twilio-email-event-webhook-timestamp': String(at),
        },
        url: URL_OF('sendgrid'),
      };
    },
  },
  twilio: {
    trust: { secrets: ['12345'] },
    otherTrust: { secrets: ['54321'] },
    timed: false,
    good: new URLSearchParams({
      MessageSid: 'SM1',
      MessageStatus: 'undelivered',
      ErrorCode: '30005',
      To: '+15005550009',
    }).toString(),
    sign(body) {
      const url = `${URL_OF('twilio')}?attempt=${encodeURIComponent(`${ID}/2`)}`;
      const fields = [...new URLSearchParams(body)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => name + value);
      const signature = createHmac('sha1', '12345')
        .update(url + fields.join(''))
        .digest('base64');
      return {
        body,
        headers: { 'x-twilio-signature': signature, 'content-type': 'application/x-www-form-urlencoded' },
        url,
      };
    },
  },
  postmark: {
    trust: { secrets: ['carillon:pass:word'] },
    otherTrust: { secrets: ['carillon:another'] },
    timed: false,
    signsBody: false,
    good: JSON.stringify({
      RecordType: 'Bounce',
      ID: 692560173,
      Type: 'HardBounce',
      TypeCode: 1,
      MessageID: 'pm_1',
      Email: 'ada@example.test',
      BouncedAt: '2026-11-21T08:59:00Z',
      Metadata: { notification: ID, attempt: `${ID}/2` },
    }),
    sign(body) {
      const authorization = `Basic ${bytes('carillon:pass:word')}`;
      return { body, headers: { authorization }, url: URL_OF('postmark') };
    },
  },
  ses: {
    trust: { secrets: [], topicArn: TOPIC, certificateAt: async () => pem(rsa) },
    otherTrust: { secrets: [], topicArn: TOPIC, certificateAt: async () => pem(otherRsa) },
    timed: true,
    good: JSON.stringify({
      eventType: 'Bounce',
      mail: { messageId: 'ses_1', tags: { notification_id: [ID], attempt: ['2'] } },
      bounce: {
        bounceType: 'Permanent',
        bouncedRecipients: [{ emailAddress: 'ada@example.test', diagnosticCode: 'smtp; 550' }],
      },
    }),
    sign(message, at = SECONDS) {
      return {
        body: JSON.stringify(sns({ Type: 'Notification', Message: message }, at)),
        headers: {},
        url: URL_OF('ses'),
      };
    },
  },
  termii: {
    trust: { secrets: ['termii secret'] },
    otherTrust: { secrets: ['other secret'] },
    timed: false,
    good: JSON.stringify({
      type: 'outbound',
      message_id: 'T1',
      receiver: '2348012345678',
      status: 'Invalid number',
    }),
    sign(body) {
      const signature = createHmac('sha512', 'termii secret').update(body).digest('hex');
      return { body, headers: { 'x-termii-signature': signature }, url: URL_OF('termii') };
    },
  },
  generic: {
    trust: { secrets: ['a shared secret of ours'] },
    otherTrust: { secrets: ['another shared secret'] },
    timed: true,
    good: JSON.stringify({ id: 'g1', type: 'bounced', attempt_id: `${ID}/2`, address: 'ada@example.test' }),
    sign(body, at = SECONDS) {
      const hex = createHmac('sha256', 'a shared secret of ours').update(`${at}.${body}`).digest('hex');
      return { body, headers: { 'x-carillon-signature': `t=${at},v1=${hex}` }, url: URL_OF('generic') };
    },
  },
};

export function sns(
  fields: Record<string, string>,
  at = SECONDS,
  version: '1' | '2' = '2',
): Record<string, string> {
  const envelope: Record<string, string> = {
    MessageId: 'sns_1',
    TopicArn: TOPIC,
    Timestamp: new Date(at * 1000).toISOString(),
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
    SignatureVersion: version,
    ...fields,
  };
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const lines = names
    .filter((name) => envelope[name] !== undefined)
    .map((name) => `${name}\n${envelope[name]}\n`);
  const algorithm = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  return {
    ...envelope,
    Signature: createSign(algorithm).update(lines.join('')).sign(rsa.privateKey, 'base64'),
  };
}

export function read(provider: string, { body, headers, url }: Delivery, trust: ReceiptTrust, now = NOW) {
  const request: ReceiptRequest = { body: Buffer.from(body), header: (name) => headers[name], url, now };
  return RECEIPT_READERS[provider]!.read(request, trust);
}

export const twilioSignature = (signed: string) =>
  createHmac('sha1', '12345').update(signed).digest('base64');

export const kinds = async (provider: string, body: string) => {
  const { sign, trust } = SCHEMES[provider]!;
  const reading = await read(provider, sign.call(SCHEMES[provider], body), trust);
  return reading.read === 'receipts' ? reading.receipts.map(({ kind }) => kind) : reading;
};
