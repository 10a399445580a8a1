import { EVENT_TYPES } from '@carillon/core/webhook/event';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import { describe, expect, test } from 'vitest';
import type { EventData } from './event.ts';
import { webhooks } from './verify.ts';
import { WebhookRefused } from './webhook-refused.ts';

/** The specification's own vector. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const BODY = '{"test": 2432232314}';
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const SIGNATURE = HEADERS['webhook-signature'];
const NOW = new Date(1614265330_000);

/** Why it is refused; the vector is correctly signed and not an event, which is checked last. */
async function refusal(
  change: Partial<typeof HEADERS> & { body?: string } = {},
  secrets: string | string[] = SECRET,
  now = NOW,
): Promise<string> {
  const { body = BODY, ...headers } = change;
  try {
    await webhooks.verify(body, { ...HEADERS, ...headers }, secrets, { now });
    return 'believed';
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    return error.reason;
  }
}

describe('the published vector', () => {
  test('is correctly signed', async () => {
    expect(await refusal()).toBe('not_an_event');
  });

  test.each([
    ['body', { body: '{"test": 2432232315}' }, 'forged'],
    ['body with another space', { body: '{"test":2432232314}' }, 'forged'],
    ['id', { 'webhook-id': 'msg_other' }, 'forged'],
    ['timestamp', { 'webhook-timestamp': '1614265331' }, 'forged'],
    ['version of the signature', { 'webhook-signature': SIGNATURE.replace('v1,', 'v1a,') }, 'forged'],
    [
      'another version of the same length',
      { 'webhook-signature': SIGNATURE.replace('v1,', 'v2,') },
      'forged',
    ],
    ['signature without a version', { 'webhook-signature': SIGNATURE.slice(3) }, 'forged'],
    ['signature cut short', { 'webhook-signature': SIGNATURE.slice(0, -8) }, 'forged'],
    ['signature that is no base64', { 'webhook-signature': 'v1,!!!!' }, 'forged'],
    ['empty signature', { 'webhook-signature': 'v1,' }, 'forged'],
    ['no signature', { 'webhook-signature': '' }, 'missing_header'],
    ['no id', { 'webhook-id': '' }, 'missing_header'],
    ['no timestamp', { 'webhook-timestamp': '' }, 'missing_header'],
    ['a timestamp that is no number', { 'webhook-timestamp': '1614265330x' }, 'malformed'],
  ])('tampered with is refused: %s', async (_, change, why) => {
    expect(await refusal(change)).toBe(why);
  });

  test('with another key is refused', async () => {
    expect(await refusal({}, OTHER)).toBe('forged');
  });

  test.each([
    [300, 'not_an_event'],
    [301, 'stale'],
    [-300, 'not_an_event'],
    [-301, 'stale'],
  ])('%i s off is %s', async (seconds, why) => {
    expect(await refusal({}, SECRET, new Date(NOW.getTime() + seconds * 1000))).toBe(why);
  });

  test('with an invalid clock every webhook is refused', async () => {
    expect(await refusal({}, SECRET, new Date(Number.NaN))).toBe('stale');
  });

  test('the sixteenth signature is still checked, no further one', async () => {
    const after = (count: number) => ({ 'webhook-signature': `${'v1,AAAA '.repeat(count)}${SIGNATURE}` });
    expect(await refusal(after(15))).toBe('not_an_event');
    expect(await refusal(after(16))).toBe('forged');
  });
});

describe('an event', () => {
  const event = {
    type: 'notification.bounced',
    timestamp: '2026-11-21T10:00:00.000Z',
    data: { notification_id: 'n', channel: 'email', provider: 'resend', at: 'x', permanent: true },
  };
  const body = JSON.stringify(event);
  const seconds = Math.floor(Date.now() / 1000);
  const sign = (secrets: string[], text = body) => ({
    'webhook-id': 'evt-1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': signWebhook(secrets, 'evt-1', seconds, text),
  });

  test('as signed by the server is accepted and typed by its type', async () => {
    const seen = await webhooks.verify(body, sign([SECRET]), SECRET);
    expect(seen).toEqual({ id: 'evt-1', ...event });
    if (seen.type !== 'notification.bounced') return expect.unreachable();
    const permanent: boolean = seen.data.permanent;
    expect(permanent).toBe(true);
  });

  test('while a secret rotates, either of the two is valid on both sides', async () => {
    expect((await webhooks.verify(body, sign([OTHER, SECRET]), SECRET)).id).toBe('evt-1');
    expect((await webhooks.verify(body, sign([SECRET]), [OTHER, SECRET])).id).toBe('evt-1');
  });

  test.each([
    ['text', body],
    ['bytes', new TextEncoder().encode(body)],
    ['a part of a larger buffer', new Uint8Array(Buffer.from(`--${body}--`)).subarray(2, -2)],
    ['an ArrayBuffer', new TextEncoder().encode(body).buffer],
  ])('is read from %s', async (_, raw) => {
    expect((await webhooks.verify(raw, sign([SECRET]), SECRET)).type).toBe(event.type);
  });

  test('is read from every kind of headers', async () => {
    const headers = sign([SECRET]);
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    for (const given of [headers, upper, lists, new Headers(headers)]) {
      expect((await webhooks.verify(body, given, SECRET)).id).toBe('evt-1');
    }
  });

  test('with a narrower tolerance is stale sooner', async () => {
    const now = new Date((seconds + 11) * 1000);
    const late = webhooks.verify(body, sign([SECRET]), SECRET, { toleranceSeconds: 10, now });
    await expect(late).rejects.toMatchObject({ reason: 'stale' });
  });

  test.each(['not json', 'null', '[]', '{"type": 1, "timestamp": "x", "data": {}}', '{"type": "x"}'])(
    'is not just anything that is correctly signed: %s',
    async (text) => {
      await expect(webhooks.verify(text, sign([SECRET], text), SECRET)).rejects.toMatchObject({
        reason: 'not_an_event',
      });
    },
  );
});

describe('an invalid argument', () => {
  test.each([
    ['a parsed body', { body: {} as never, secret: SECRET }, /must be the raw one/],
    ['no secret', { body: BODY, secret: [] }, /There is no secret/],
    ['a secret that is none', { body: BODY, secret: 'whsec_%%%' }, /A secret is not one/],
    ['an empty secret', { body: BODY, secret: '' }, /A secret is not one/],
  ])('is a TypeError, not a forgery: %s', async (_, { body, secret }, words) => {
    const verdict = webhooks.verify(body, HEADERS, secret, { now: NOW });
    await expect(verdict).rejects.toThrow(TypeError);
    await expect(verdict).rejects.toThrow(words);
  });
});

test('the typed events are those of the server', () => {
  const typed: Record<keyof EventData, true> = {
    'notification.sent': true,
    'notification.delivered': true,
    'notification.failed': true,
    'notification.dead': true,
    'notification.in_doubt': true,
    'notification.suppressed': true,
    'notification.expired': true,
    'notification.bounced': true,
    'notification.complained': true,
    'notification.opened': true,
    'notification.clicked': true,
    'notification.seen': true,
    'notification.read': true,
    'campaign.completed': true,
    'campaign.paused': true,
    'campaign.failed': true,
    'provider.circuit_opened': true,
    'provider.circuit_closed': true,
    'webhook_endpoint.disabled': true,
  };
  expect(Object.keys(typed).sort()).toEqual(Object.keys(EVENT_TYPES).sort());
});
