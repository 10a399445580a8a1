import { createHash, createSign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ID,
  kinds,
  NOW,
  pem,
  read,
  rsa,
  SCHEMES,
  SECONDS,
  sns,
  TOPIC,
  twilioSignature,
} from '../../../../test/contract/signed-receipts.ts';

describe.each(Object.keys(SCHEMES))('receipts of %s', (provider) => {
  const scheme = SCHEMES[provider]!;
  const good = () => scheme.sign(scheme.good);

  test('a signed one is read: its kind, its attempt and its address', async () => {
    const reading = await read(provider, good(), scheme.trust);
    expect(reading).toMatchObject({ read: 'receipts', receipts: [{ kind: 'bounced' }] });
    const [receipt] = reading.read === 'receipts' ? reading.receipts : [];
    expect(receipt?.attemptId ?? receipt?.providerMessageId).toBeTruthy();
    expect(receipt?.address).toMatch(/^(ada@example.test|\+\d+)$/);
    if (provider !== 'termii') expect(receipt?.attemptId).toBe(`${ID}/2`);
  });

  test.runIf(scheme.signsBody !== false)('one flipped byte of the body is forged', async () => {
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

  test('a signed body that is not a receipt is not applied', async () => {
    for (const body of ['', 'null', '[]', '42', '{"', '<html>', '[null, 7]', '{"type":null}']) {
      const reading = await read(provider, scheme.sign(body), scheme.trust);
      if (reading.read === 'receipts') expect(reading.receipts).toEqual([]);
    }
  });

  test.runIf(scheme.trust.secrets.length > 0)(
    'while a secret rotates, the old one is valid too',
    async () => {
      const trust = { ...scheme.trust, secrets: [...scheme.otherTrust.secrets, ...scheme.trust.secrets] };
      expect((await read(provider, good(), trust)).read).toBe('receipts');
    },
  );

  test.runIf(scheme.timed)('a replay of an old one is stale', async () => {
    const late = new Date(NOW.getTime() + 61 * 60_000);
    expect(await read(provider, good(), scheme.trust, late)).toEqual({ read: 'refused', why: 'stale' });
  });
});
describe('provider-specific rules', () => {
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
      // A valid signature that does not cover the body.
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
    // An answer of the SNS API, into which any caller may have put a certificate.
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

  test('SES: signature version 1 (SHA-1) is accepted, because SNS still sends it', async () => {
    const body = JSON.stringify(sns({ Type: 'Notification', Message: SCHEMES.ses!.good }, SECONDS, '1'));
    expect((await read('ses', { body, headers: {}, url: '' }, SCHEMES.ses!.trust)).read).toBe('receipts');
  });

  test('temporary failures do not count against the address', async () => {
    const resend = (type: string, data: object) => JSON.stringify({ type, data: { email_id: 'x', ...data } });
    expect(await kinds('resend', resend('email.bounced', { bounce: { type: 'Transient' } }))).toEqual([
      'soft_bounced',
    ]);
    expect(
      await kinds('sendgrid', JSON.stringify([{ sg_event_id: 'e', event: 'bounce', type: 'blocked' }])),
    ).toEqual(['soft_bounced']);
    const classed = (bounce_classification: string) =>
      kinds(
        'sendgrid',
        JSON.stringify([{ sg_event_id: 'e', event: 'bounce', type: 'bounce', bounce_classification }]),
      );
    for (const ours of ['Reputation', 'Technical', 'Content', 'Frequency or Volume Too High'])
      expect(await classed(ours)).toEqual(['failed']);
    for (const theirs of ['Invalid Address', 'Mailbox Unavailable', 'Unclassified'])
      expect(await classed(theirs)).toEqual(['bounced']);
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

  test('Twilio: a STOP returned as an error of a send is an opt-out', async () => {
    expect(await kinds('twilio', 'MessageSid=SM9&MessageStatus=failed&ErrorCode=21610')).toEqual([
      'opted_out',
    ]);
  });
});
