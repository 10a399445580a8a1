import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';

let system: RunningSystem;
beforeAll(async () => {
  system = await runningSystem();
}, 120_000);
afterAll(() => system?.stop());

const inLedger = async (id: string) => (await system.ledger()).filter((line) => line.notification_id === id);

const MESSAGES = {
  'an e-mail by template to a recipient': {
    to: { recipient_id: 'user_1' },
    channel: 'email',
    template: 'order_shipped',
    data: { name: 'Ada', order: 'A-17' },
  },
  'an e-mail with its own content to an address': {
    to: { email: 'ok+first@example.test' },
    channel: 'email',
    content: { subject: 'Hello', text: 'Hello there', html: '<p>Hello there</p>' },
  },
  'a one-time password by SMS': {
    to: { phone: '+15005550000' },
    channel: 'sms',
    priority: 'critical',
    template: 'otp',
    data: { code: '123456' },
  },
  'a push to a phone': {
    to: { push: { fcm_token: 'ok-device' } },
    channel: 'push',
    content: { title: 'Hello', body: 'Hello there' },
  },
} as const;

for (const [what, body] of Object.entries(MESSAGES)) {
  test(`${what} reaches its provider exactly once`, async () => {
    const id = await system.send(body);
    const seen = await system.becomes(id, ['sent', 'delivered']);
    expect(seen).toMatchObject({ id, provider_message_id: expect.any(String) });
    const lines = await inLedger(id);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ channel: body.channel, attempt_id: `${id}/1` });
  });
}

test('an in-app message is in the inbox the moment it is delivered', async () => {
  const content = { title: 'Hello', body: 'Hello there' };
  const id = await system.send({ to: { recipient_id: 'user_2' }, channel: 'in_app', content });
  expect(await system.becomes(id, ['delivered'])).toMatchObject({ id });
});

test('the same request twice is one notification and one message', async () => {
  const body = { ...MESSAGES['an e-mail with its own content to an address'], idempotency_key: randomUUID() };
  const [first, second] = await Promise.all([
    system.api('POST', '/v1/notifications', body),
    system.api('POST', '/v1/notifications', body),
  ]);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body).toEqual(first.body);
  await system.becomes(first.body.id, ['sent']);
  const third = await system.api('POST', '/v1/notifications', body);
  expect(third.headers.get('idempotent-replayed')).toBe('true');
  expect(await inLedger(first.body.id)).toHaveLength(1);
});

test('a batch delivers its valid items and reports the fault of each invalid one', async () => {
  const good = (n: number) => ({
    to: { email: `ok+${n}@example.test` },
    channel: 'email',
    content: { subject: 'Hi', text: 'Hi' },
  });
  const notifications = [
    good(1),
    { ...good(2), chanel: 'email' },
    good(3),
    { to: { phone: 'nonsense' }, channel: 'sms', content: { text: 'x' } },
  ];
  const answer = await system.api('POST', '/v1/notifications/batch', { notifications });
  expect(answer.status).toBe(207);
  expect(answer.body.results.map((result: { status: number }) => result.status)).toEqual([
    202, 422, 202, 422,
  ]);
  for (const index of [0, 2]) await system.becomes(answer.body.results[index].id, ['sent']);
});

test('an address the provider refuses ends at once as failed, with the provider’s reason in the timeline', async () => {
  const id = await system.send({ to: { phone: '+15005550001' }, channel: 'sms', content: { text: 'Hi' } });
  const seen = await system.becomes(id, ['failed']);
  expect(seen).toMatchObject({ attempts: [{ outcome: 'bad_recipient', error: expect.anything() }] });
  expect(await inLedger(id)).toHaveLength(0);
});

test('a route continues on the next channel when one cannot reach the person', async () => {
  const to = { email: 'ok+route@example.test', phone: '+15005550001' };
  const content = { subject: 'Hi', text: 'Hi' };
  const id = await system.send({ to, route: ['sms', 'email'], content });
  expect(await system.becomes(id, ['sent'])).toMatchObject({
    attempts: [{ channel: 'sms' }, { channel: 'email', outcome: 'accepted' }],
  });
});

test('a provider that accepts and never answers leaves a doubt, which evidence settles: one message', async () => {
  const id = await system.send({
    to: { email: 'drop@example.test' },
    channel: 'email',
    content: { subject: 'Hi', text: 'Hi' },
  });
  const seen = await system.becomes(id, ['sent']);
  expect(seen).toMatchObject({ attempts: [{ outcome: 'accepted' }] });
  const storyOf = ({ timeline }: Record<string, unknown>) =>
    (timeline as { status: string; actor: string }[]).map(({ actor, status }) => `${actor} ${status}`);
  expect(storyOf(seen)).toContain('deliver in_doubt');
  // Whichever comes first: the same call under the same key, or a receipt (`sent` and `delivered` may arrive together).
  // The resolver writes its sentence after the state.
  const evidence = ['resolver sent', 'receipt:resend sent', 'receipt:resend delivered'];
  await expect
    .poll(async () =>
      storyOf(await system.becomes(id, ['sent', 'delivered'])).filter((entry) => evidence.includes(entry)),
    )
    .not.toEqual([]);
  expect(await inLedger(id)).toHaveLength(1);
});

test('an otp whose provider asks it to wait is sent when the wait is over', async () => {
  const id = await system.send({
    to: { email: 'throttle@example.test' },
    channel: 'email',
    priority: 'critical',
    content: { subject: 'Hi', text: id2() },
  });
  await system.becomes(id, ['sent']);
  expect(await inLedger(id)).toHaveLength(1);
});

const id2 = (): string => `code ${randomUUID()}`;
