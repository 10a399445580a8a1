import { attemptId, notificationId } from '@carillon/core/text/ids';
import twilio from 'twilio';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../start.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

const SID = `AC${'0'.repeat(32)}`;
const id = notificationId('app', 'test', 'code');

let simulator: SimulatorUnderTest;
let sdk: ReturnType<typeof twilio>;

/** The SDK with its own HTTP client, connected to the simulator. */
function sdkAt(httpUrl: string): ReturnType<typeof twilio> {
  const client = new twilio.RequestClient();
  const send = client.request.bind(client);
  client.request = (options) =>
    send({ ...options, uri: options.uri.replace('https://api.twilio.com', httpUrl) });
  return twilio(SID, 'token', { httpClient: client });
}

beforeEach(async () => {
  simulator = await simulatorUnderTest();
  sdk = sdkAt(simulator.httpUrl);
});
afterEach(() => simulator.end());

const sms = { to: '+12025550123', from: '+15005550006', body: 'Your code is 4711' };

test('the SDK sends a message, and the ledger finds the attempt in the callback', async () => {
  const statusCallback = `https://carillon.example/r?attempt=${encodeURIComponent(attemptId(id, 2))}`;
  const message = await sdk.messages.create({ ...sms, statusCallback });
  expect(message).toMatchObject({ status: 'queued', to: sms.to, body: sms.body, errorCode: null });
  expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/);
  expect(message.dateCreated).toBeInstanceOf(Date);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'twilio',
      channel: 'sms',
      to: sms.to,
      subject: sms.body,
      notification_id: id,
      attempt_id: attemptId(id, 2),
      idempotency_key: null,
    },
  ]);
});

test('messages can be looked up by id, recipient and day, also after a restart', async () => {
  const sent = await sdk.messages.create(sms);
  await sdk.messages.create({ ...sms, to: '+12025550199' });
  const today = new Date();
  const hourAgo = new Date(Date.now() - 3_600_000);
  const hourAhead = new Date(Date.now() + 3_600_000);
  const lookUp = async (client: ReturnType<typeof twilio>) => {
    expect(await client.messages(sent.sid).fetch()).toMatchObject({
      sid: sent.sid,
      body: sms.body,
      status: expect.stringMatching(/^(sent|delivered)$/),
    });
    const found = await client.messages.list({ to: sms.to, dateSentAfter: hourAgo });
    expect(found.map(({ sid }) => sid)).toEqual([sent.sid]);
    expect(await client.messages.list({ dateSent: today })).toHaveLength(2);
    expect(await client.messages.list({ to: sms.to, dateSentAfter: hourAhead })).toEqual([]);
    expect(await client.messages.list({ dateSentBefore: hourAhead })).toHaveLength(2);
    expect(await client.messages.list({ dateSentBefore: hourAgo })).toEqual([]);
    expect(await client.messages.list({ pageSize: 1 })).toHaveLength(2);
    await expect(client.messages(`SM${'f'.repeat(32)}`).fetch()).rejects.toMatchObject({ code: 20404 });
  };
  await lookUp(sdk);
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    await lookUp(sdkAt(next.httpUrl));
  } finally {
    await next.close();
  }
});

test.each([
  ['+15005550001', 400, 21211],
  ['+15005550002', 400, 21612],
  ['+15005550003', 400, 21408],
  ['+15005550004', 400, 21610],
  ['+15005550009', 400, 21614],
  ['+15005550011', 400, 21211],
  ['+15005550015', 500, 20500],
  ['12345', 400, 21211],
])('a message to %s is refused with %i and code %i and not accepted', async (to, status, code) => {
  await expect(sdk.messages.create({ ...sms, to })).rejects.toMatchObject({ status, code });
  expect(await simulator.ledger()).toEqual([]);
});

test('missing text, sender or login are refused with their own codes', async () => {
  await expect(sdk.messages.create({ to: sms.to, from: sms.from })).rejects.toMatchObject({ code: 21602 });
  await expect(sdk.messages.create({ to: sms.to, body: 'x' })).rejects.toMatchObject({ code: 21603 });
  await expect(sdk.messages.create({ ...sms, body: 'x'.repeat(1601) })).rejects.toMatchObject({
    code: 21617,
  });
  const answer = await fetch(`${simulator.httpUrl}/2010-04-01/Accounts/${SID}/Messages.json`, {
    method: 'POST',
  });
  expect([answer.status, ((await answer.json()) as { code: number }).code]).toEqual([401, 20003]);
  expect(await simulator.ledger()).toEqual([]);
});

test('two requests are two messages: there is no idempotency key here', async () => {
  const both = [await sdk.messages.create(sms), await sdk.messages.create(sms)];
  expect(both[0]!.sid).not.toBe(both[1]!.sid);
  expect(await simulator.ledger()).toHaveLength(2);
});

test('the throttle number answers 20429 twice and then accepts', async () => {
  const to = '+15005550014';
  const send = () =>
    sdk.messages.create({ ...sms, to }).then(
      () => 'ok',
      (error: { code: number }) => error.code,
    );
  expect([await send(), await send(), await send()]).toEqual([20429, 20429, 'ok']);
});
