import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { signWebhook } from '@carillon/core/standard-webhook';
import { describe, expect, test } from 'vitest';
import type { ReceiptRequest, ReceiptTrust } from './reader.ts';
import { RECEIPT_READERS } from './readers.ts';

const NOW = new Date('2026-11-21T09:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const ID = '11111111-2222-8333-8444-555555555555';

interface Delivery {
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
}

const bytes = (text: string) => Buffer.from(text).toString('base64');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = (pair: typeof ec) => pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const pem = (pair: typeof rsa) => pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:carillon';
const URL_OF = (provider: string) => `https://api.example.test/v1/receipts/${provider}/main`;

const SCHEMES: Record<string, Scheme> = {
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

function sns(fields: Record<string, string>, at = SECONDS, version: '1' | '2' = '2'): Record<string, string> {
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

function read(provider: string, { body, headers, url }: Delivery, trust: ReceiptTrust, now = NOW) {
  const request: ReceiptRequest = { body: Buffer.from(body), header: (name) => headers[name], url, now };
  return RECEIPT_READERS[provider]!.read(request, trust);
}

const twilioSignature = (signed: string) => createHmac('sha1', '12345').update(signed).digest('base64');

const kinds = async (provider: string, body: string) => {
  const { sign, trust } = SCHEMES[provider]!;
  const reading = await read(provider, sign.call(SCHEMES[provider], body), trust);
  return reading.read === 'receipts' ? reading.receipts.map(({ kind }) => kind) : reading;
};

describe.each(Object.keys(SCHEMES))('receipts of %s', (provider) => {
  const scheme = SCHEMES[provider]!;
  const good = () => scheme.sign(scheme.good);

  test('a signed one is read: what happened, to which attempt, about whom', async () => {
    const reading = await read(provider, good(), scheme.trust);
    expect(reading).toMatchObject({ read: 'receipts', receipts: [{ kind: 'bounced' }] });
    const [receipt] = reading.read === 'receipts' ? reading.receipts : [];
    expect(receipt?.attemptId ?? receipt?.providerMessageId).toBeTruthy();
    expect(receipt?.address).toMatch(/^(ada@example.test|\+\d+)$/);
    if (provider !== 'termii') expect(receipt?.attemptId).toBe(`${ID}/2`);
  });

  test('one flipped byte of the body is forged', async () => {
    const delivery = good();
    for (const at of [0, Math.floor(delivery.body.length / 2), delivery.body.length - 1]) {
      const bent = Buffer.from(delivery.body);
      bent[at]! ^= 1;
      const reading = await read(provider, { ...delivery, body: bent.toString('latin1') }, scheme.trust);
      expect(reading.read, `byte ${at}`).toBe('refused');
    }
  });

  test('a signature by another key is forged', async () => {
    expect(await read(provider, good(), scheme.otherTrust)).toEqual({ read: 'refused', why: 'forged' });
  });

  test('a signature that is missing, empty or garbage is refused, not an error', async () => {
    const delivery = good();
    for (const name of Object.keys(delivery.headers).filter((each) => each !== 'content-type'))
      for (const value of [undefined, '', 'garbage', '\u0000', 'v1,', 't=1,v1=zz'])
        expect(
          (
            await read(
              provider,
              { ...delivery, headers: { ...delivery.headers, [name]: value! } },
              scheme.trust,
            )
          ).read,
        ).toBe('refused');
  });

  test('a signed body that is no receipt is not applied', async () => {
    for (const body of ['', 'null', '[]', '42', '{"', '<html>', '[null, 7]', '{"type":null}']) {
      const reading = await read(provider, scheme.sign(body), scheme.trust);
      if (reading.read === 'receipts') expect(reading.receipts).toEqual([]);
    }
  });

  test.runIf(scheme.trust.secrets.length > 0)('while a secret rotates, the old one is good too', async () => {
    const trust = { ...scheme.trust, secrets: [...scheme.otherTrust.secrets, ...scheme.trust.secrets] };
    expect((await read(provider, good(), trust)).read).toBe('receipts');
  });

  test.runIf(scheme.timed)('a replay of an old one is stale', async () => {
    const late = new Date(NOW.getTime() + 61 * 60_000);
    expect(await read(provider, good(), scheme.trust, late)).toEqual({ read: 'refused', why: 'stale' });
  });
});

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

test('a secret that holds no key believes nothing, though the empty key is known to all', async () => {
  const scheme = SCHEMES.resend!;
  for (const secret of ['whsec_', 'whsec_%%%']) {
    const signature = `v1,${createHmac('sha256', '').update(`msg_1.${SECONDS}.${scheme.good}`).digest('base64')}`;
    const forged = withHeader('svix-signature', () => signature)(scheme.sign(scheme.good));
    expect(await read('resend', forged, { secrets: [secret] })).toEqual({ read: 'refused', why: 'forged' });
  }
});

describe('what is special', () => {
  test('Twilio: the published vectors for forms and JSON are accepted', async () => {
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    const form = new URLSearchParams({
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    });
    const formDelivery = {
      body: form.toString(),
      url,
      headers: { 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    };
    expect((await read('twilio', formDelivery, { secrets: ['12345'] })).read).toBe('receipts');
    const body = '{"property": "value", "boolean": true}';
    const json = {
      body,
      url: `${url}&bodySHA256=${createHash('sha256').update(body).digest('hex')}`,
      headers: { 'x-twilio-signature': 'a9nBmqA0ju/hNViExpshrM61xv4=', 'content-type': 'application/json' },
    };
    expect((await read('twilio', json, { secrets: ['12345'] })).read).toBe('receipts');
    const forgeries = [
      { ...json, body: `${body} ` },
      { ...json, url: json.url.replace('bodySHA256=0a', 'bodySHA256=1a') },
      // Signed well, with no word about the body.
      { ...json, url, headers: { ...json.headers, 'x-twilio-signature': twilioSignature(url) } },
      { ...formDelivery, body: formDelivery.body.replace('1234', '4321') },
    ];
    for (const forged of forgeries)
      expect(await read('twilio', forged, { secrets: ['12345'] })).toEqual({
        read: 'refused',
        why: 'forged',
      });
  });

  test('Twilio: another URL than the one that was signed is forged', async () => {
    const delivery = SCHEMES.twilio!.sign(SCHEMES.twilio!.good);
    const moved = { ...delivery, url: delivery.url.replace('/main', '/other') };
    expect(await read('twilio', moved, SCHEMES.twilio!.trust)).toEqual({ read: 'refused', why: 'forged' });
  });

  test('Twilio: STOP and START are about the number; a sentence with "stop" in it is not', async () => {
    const from = (Body: string) =>
      new URLSearchParams({ MessageSid: 'SM2', From: '+15005550006', Body }).toString();
    expect(await kinds('twilio', from(' stop. '))).toEqual(['opted_out']);
    expect(await kinds('twilio', from('START'))).toEqual(['opted_in']);
    expect(await kinds('twilio', from('please stop by tomorrow'))).toEqual([]);
  });

  test('Twilio: the same message with the same status has the same event id, another status another', async () => {
    const at = async (status: string) => {
      const reading = await read(
        'twilio',
        SCHEMES.twilio!.sign(new URLSearchParams({ MessageSid: 'SM1', MessageStatus: status }).toString()),
        SCHEMES.twilio!.trust,
      );
      return reading.read === 'receipts' ? reading.receipts[0]?.eventId : null;
    };
    expect(await at('sent')).toBe(await at('sent'));
    expect(await at('sent')).not.toBe(await at('delivered'));
  });

  test('SendGrid: the last bytes, CRLF, are part of what is signed', async () => {
    const delivery = SCHEMES.sendgrid!.sign(SCHEMES.sendgrid!.good);
    const trimmed = { ...delivery, body: delivery.body.trim() };
    expect(await read('sendgrid', trimmed, SCHEMES.sendgrid!.trust)).toEqual({
      read: 'refused',
      why: 'forged',
    });
  });

  test('SendGrid: a key of another algorithm verifies nothing', async () => {
    const rsaKey = { secrets: [rsa.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] };
    const body = SCHEMES.sendgrid!.good;
    const signature = createSign('sha256').update(`${SECONDS}${body}`).sign(rsa.privateKey, 'base64');
    const headers = {
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': String(SECONDS),
    };
    expect(await read('sendgrid', { body, headers, url: '' }, rsaKey)).toEqual({
      read: 'refused',
      why: 'forged',
    });
  });

  test('SES: another topic, though AWS signed it, is forged', async () => {
    const delivery = SCHEMES.ses!.sign(SCHEMES.ses!.good);
    const trust = { ...SCHEMES.ses!.trust, topicArn: `${TOPIC}-other` };
    expect(await read('ses', delivery, trust)).toEqual({ read: 'refused', why: 'forged' });
  });

  test.each([
    'https://sns.eu-west-1.amazonaws.com.evil.test/x.pem',
    'https://evil.test/sns.eu-west-1.amazonaws.com/x.pem',
    'http://sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
    'https://user@sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com/x.html',
    // An answer of SNS' own API, in which anybody may have put a certificate of theirs.
    'https://sns.eu-west-1.amazonaws.com/?Action=GetEndpointAttributes&x=/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem?Action=GetEndpointAttributes&x=.pem',
    'https://s3.eu-west-1.amazonaws.com/x.pem',
  ])('SES: a certificate from %s is never fetched', async (SigningCertURL) => {
    const asked: string[] = [];
    const trust = {
      ...SCHEMES.ses!.trust,
      certificateAt: async (url: string) => {
        asked.push(url);
        return pem(rsa);
      },
    };
    const body = JSON.stringify(sns({ Type: 'Notification', Message: SCHEMES.ses!.good, SigningCertURL }));
    expect(await read('ses', { body, headers: {}, url: '' }, trust)).toEqual({
      read: 'refused',
      why: 'forged',
    });
    expect(asked).toEqual([]);
  });

  test('SES: a signed subscription of our topic is confirmed, but only at an SNS host', async () => {
    const ask = (SubscribeURL: string) => ({
      body: JSON.stringify(sns({ Type: 'SubscriptionConfirmation', Message: 'm', Token: 't', SubscribeURL })),
      headers: {},
      url: '',
    });
    const url = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    expect(await read('ses', ask(url), SCHEMES.ses!.trust)).toEqual({ read: 'confirmation', url });
    expect((await read('ses', ask('https://evil.test/'), SCHEMES.ses!.trust)).read).toBe('refused');
  });

  test('SES: signature version 1 (SHA-1) is accepted as SNS still sends it', async () => {
    const body = JSON.stringify(sns({ Type: 'Notification', Message: SCHEMES.ses!.good }, SECONDS, '1'));
    expect((await read('ses', { body, headers: {}, url: '' }, SCHEMES.ses!.trust)).read).toBe('receipts');
  });

  test('what is about the moment is not held against the address', async () => {
    const resend = (type: string, data: object) => JSON.stringify({ type, data: { email_id: 'x', ...data } });
    expect(await kinds('resend', resend('email.bounced', { bounce: { type: 'Transient' } }))).toEqual([
      'soft_bounced',
    ]);
    expect(
      await kinds('sendgrid', JSON.stringify([{ sg_event_id: 'e', event: 'bounce', type: 'blocked' }])),
    ).toEqual(['soft_bounced']);
    expect(await kinds('sendgrid', JSON.stringify([{ sg_event_id: 'e', event: 'deferred' }]))).toEqual([
      'delayed',
    ]);
    expect(
      await kinds(
        'ses',
        JSON.stringify({ eventType: 'Bounce', mail: {}, bounce: { bounceType: 'Transient' } }),
      ),
    ).toEqual(['soft_bounced']);
    expect(
      await kinds('termii', JSON.stringify({ message_id: 'T', status: 'DND Active on Phone Number' })),
    ).toEqual(['failed']);
    expect(await kinds('twilio', 'MessageSid=SM9&MessageStatus=undelivered&ErrorCode=30003')).toEqual([
      'soft_bounced',
    ]);
  });

  test('Twilio: a STOP that comes back as an error of a send is an opt-out', async () => {
    expect(await kinds('twilio', 'MessageSid=SM9&MessageStatus=failed&ErrorCode=21610')).toEqual([
      'opted_out',
    ]);
  });
});
