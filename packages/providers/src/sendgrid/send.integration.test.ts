import type { EmailMessage } from '@carillon/core/notification/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { call, EMAIL } from '../../../../test/contract/credentials.ts';
import { sendgridAdapter } from './send.ts';

const MESSAGE = EMAIL as EmailMessage;
const FROM = 'Acme <a@acme.example>';

let server: AnsweringServer;
let adapter: ReturnType<typeof sendgridAdapter>;
beforeEach(async () => {
  server = await answeringServer();
  server.answers({ status: 202, headers: { 'x-message-id': 'id-1' } });
  adapter = sendgridAdapter({ apiKey: 'SG.x', from: FROM, baseUrl: server.url });
});
afterEach(() => Promise.all([server.close(), adapter.close()]));

const sent = () => JSON.parse(server.received.at(-1)!.body.toString());

test('the message names its own sender, its reply address, and only the parts it has', async () => {
  const message: EmailMessage = {
    channel: 'email',
    to: 'ada@example.com',
    subject: 'Hi',
    text: '',
    html: '<p>hi',
    from: '"Doe, Jane" <jane@acme.example>',
    replyTo: 'help@acme.example',
  };
  expect(await adapter.send(message, call())).toMatchObject({ class: 'accepted' });
  expect(sent()).toMatchObject({
    from: { email: 'jane@acme.example', name: 'Doe, Jane' },
    reply_to: { email: 'help@acme.example' },
    content: [{ type: 'text/html', value: '<p>hi' }],
  });
});

test('a message that SendGrid would certainly refuse is not sent', async () => {
  for (const wrong of [{ from: 'nobody' }, { replyTo: 'a@b.c, d@e.f' }, { text: '', html: '' }]) {
    expect(await adapter.send({ ...MESSAGE, ...wrong }, call())).toMatchObject({
      class: 'rejected',
      code: 'invalid_message',
      phase: 'started',
    });
  }
  expect(server.received).toHaveLength(0);
});

test('waits until its limit resets, without a Retry-After', async () => {
  const throttled = async (headers: Record<string, string>) => {
    server.answers({ status: 429, headers });
    const outcome = await adapter.send(MESSAGE, call());
    return outcome.class === 'throttled' ? outcome.retryAfterMs : outcome.class;
  };
  const inSeconds = (seconds: number) => String(Math.floor(Date.now() / 1000) + seconds);
  const waitMs = await throttled({ 'x-ratelimit-reset': inSeconds(40) });
  expect(waitMs).toBeGreaterThan(30_000);
  expect(waitMs).toBeLessThanOrEqual(40_000);
  expect(await throttled({ 'x-ratelimit-reset': inSeconds(40), 'retry-after': '7' })).toBe(7_000);
  for (const reset of ['soon', '-1', inSeconds(-5), inSeconds(90_000), '']) {
    expect(await throttled({ 'x-ratelimit-reset': reset }), reset).toBeUndefined();
  }
});

test('can look up a lost call only with the Email Activity add-on', async () => {
  expect(adapter.lookup).toBeUndefined();
  const asking = sendgridAdapter({ apiKey: 'SG.x', from: FROM, emailActivity: true, baseUrl: server.url });
  server.answers({ status: 200, body: '{"messages":[]}' });
  const lost = { ...call(), startedAt: new Date(), askedAt: new Date() };
  expect(await asking.lookup!.find(MESSAGE, lost)).toMatchObject({ found: 'absent' });
  expect(server.received[0]!.headers.authorization).toBe('Bearer SG.x');
  await asking.close();
});

test('its probe is a request that every key may make', async () => {
  const signal = AbortSignal.timeout(5_000);
  server.answers({ status: 200, body: '{"scopes":["mail.send"]}' });
  expect(await adapter.probe!(signal)).toEqual({ healthy: true });
  server.answers({ status: 401 });
  expect(await adapter.probe!(signal)).toEqual({ healthy: false, why: 'SendGrid answered HTTP 401' });
  expect(server.received.map(({ path }) => path)).toEqual(['/v3/scopes', '/v3/scopes']);
});

test('a sender that is not an address is refused when the account is created', () => {
  expect(() => sendgridAdapter({ apiKey: 'SG.x', from: 'Acme' })).toThrow('from must be one sender address');
});
