import { describe, expect, test } from 'vitest';
import { type Addressed, addressOf, composeFor, isStillTheirs, marksOfRefusedDevices } from './compose.ts';
import type { Content } from './message.ts';

const row = (over: Partial<Addressed>): Addressed =>
  ({
    app_id: 'app',
    environment: 'live',
    recipient_id: 'r',
    channel: 'email',
    address: null,
    options: null,
    contact_points: null,
    tried: null,
    ...over,
  }) as Addressed;
const composed = (over: Partial<Addressed>, content: Content = {}) => composeFor(row(over))?.(content);

const email = { email: 'ada@example.com' };

describe('a message has only the parts that its content and its options have', () => {
  test('an e-mail', () => {
    const bare = { channel: 'email', to: 'ada@example.com', subject: '' };
    expect(composed({ address: email })).toEqual(bare);
    const content = { subject: 's', text: 't', html: 'h' };
    const options = { from: 'a@b.test', reply_to: 'c@d.test' };
    expect(composed({ address: email, options }, content)).toEqual({
      ...bare,
      ...content,
      from: 'a@b.test',
      replyTo: 'c@d.test',
    });
  });

  test('an SMS', () => {
    const address = { phone: '+15005550006' };
    expect(composed({ channel: 'sms', address })).toEqual({ channel: 'sms', to: '+15005550006', text: '' });
    expect(composed({ channel: 'sms', address, options: { from: 'Shop' } }, { text: 't' })).toEqual({
      channel: 'sms',
      to: '+15005550006',
      text: 't',
      from: 'Shop',
    });
  });

  test('a push message', () => {
    const address = { push: { fcm_token: 'f' } };
    const bare = { channel: 'push', to: { fcm_token: 'f' }, title: '', body: '' };
    expect(composed({ channel: 'push', address })).toStrictEqual(bare);
    const push = { badge: 3 };
    const content = { title: 't', body: 'b', url: 'https://a.test' };
    expect(composed({ channel: 'push', address, options: { push } }, content)).toStrictEqual({
      ...bare,
      ...content,
      options: push,
    });
  });

  test('an in-app message', () => {
    const bare = {
      channel: 'in_app',
      appId: 'app',
      environment: 'live',
      recipientId: 'r',
      title: '',
      body: '',
    };
    expect(composed({ channel: 'in_app' })).toStrictEqual(bare);
    expect(composed({ channel: 'in_app' }, { title: 't', body: 'b', url: '/x' })).toStrictEqual({
      ...bare,
      title: 't',
      body: 'b',
      url: '/x',
    });
    expect(composeFor(row({ channel: 'in_app', recipient_id: null }))).toBeNull();
  });
});

const points = [
  { kind: 'phone', address: '+15005550006' },
  { kind: 'email', address: 'ada@example.com' },
  { kind: 'email', address: 'old@example.com' },
] as Addressed['contact_points'];

test('an address in the request comes before those of the person; without any there is no message', () => {
  const to = (over: Partial<Addressed>) => (composed(over) as { to: unknown } | undefined)?.to;
  expect(to({ address: { email: 'x@y.test' }, contact_points: points })).toBe('x@y.test');
  expect(to({ contact_points: points })).toBe('ada@example.com');
  expect(to({ channel: 'sms', contact_points: points })).toBe('+15005550006');
  for (const channel of ['email', 'sms', 'push'] as const) expect(composeFor(row({ channel }))).toBeNull();
});

describe('devices', () => {
  const devices = [
    { kind: 'web_push', address: 'https://push.test/1' },
    { kind: 'fcm', address: 'f' },
    { kind: 'apns', address: 'a' },
    { kind: 'web_push', address: 'https://push.test/2', keys: { p256dh: 'p', auth: 's' } },
  ] as Addressed['contact_points'];
  const next = (tried: string[] | null) =>
    (composed({ channel: 'push', contact_points: devices, tried }) as { to: unknown } | undefined)?.to;

  test('are tried one after the other, each once, without a browser that has no keys', () => {
    const web = { subscription: { endpoint: 'https://push.test/2', keys: { p256dh: 'p', auth: 's' } } };
    let tried: string[] | null = null;
    const order: unknown[] = [];
    for (let to = next(tried); to !== undefined && tried !== undefined; to = next(tried)) {
      order.push(to);
      const marks: string[] | null = marksOfRefusedDevices(
        { address: null, contact_points: devices, tried },
        to as never,
      );
      if (marks === null) break;
      tried = marks;
    }
    expect(order).toEqual([{ fcm_token: 'f' }, { apns_token: 'a' }, web]);
  });

  test('that are the only one, or given in the request, have no other after them', () => {
    const refused = { fcm_token: 'f' };
    const only = devices!.slice(1, 2);
    expect(marksOfRefusedDevices({ address: null, contact_points: only, tried: null }, refused)).toBeNull();
    expect(
      marksOfRefusedDevices({ address: { push: refused }, contact_points: devices, tried: null }, refused),
    ).toBeNull();
  });

  test('keep the marks of those refused before, and no ids of accounts', () => {
    const marks = marksOfRefusedDevices(
      { address: null, contact_points: devices, tried: ['account', 'device:1'] },
      { fcm_token: 'f' },
    );
    expect(marks).toEqual(['device:1', expect.stringMatching(/^device:[0-9a-f]{16}$/)]);
  });
});

test('a message goes to a valid address while that is a contact point or was given in the request', () => {
  const message = composed({ address: email })!;
  expect(addressOf(message)).toBe('ada@example.com');
  expect(isStillTheirs(row({ contact_points: points }), message)).toBe(true);
  expect(isStillTheirs(row({ contact_points: points!.slice(0, 1) }), message)).toBe(false);
  expect(isStillTheirs(row({}), message)).toBe(false);
  expect(isStillTheirs(row({ address: { email: 'x@y.test' } }), message)).toBe(true);
  expect(isStillTheirs(row({ address: { phone: '+15005550006' } }), message)).toBe(false);
  const shown = composed({ channel: 'in_app' })!;
  expect(isStillTheirs(row({ channel: 'in_app' }), shown)).toBe(true);
  expect(isStillTheirs(row({ channel: 'in_app', recipient_id: 'other' }), shown)).toBe(false);
  expect(addressOf(shown)).toBe('r');
});
