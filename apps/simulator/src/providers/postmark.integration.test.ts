import { attemptId, notificationId } from '@carillon/core/text/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../start.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

const id = notificationId('app', 'test', 'mail');
const TOKEN = { 'x-postmark-server-token': 't', 'content-type': 'application/json' };

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const mail = (to: string, more: object = {}) => ({
  From: '"Acmé" <a@acme.example>',
  To: to,
  Subject: 'Hello',
  TextBody: 'Hi',
  MessageStream: 'outbound',
  Metadata: { notification: id, attempt: attemptId(id, 2) },
  ...more,
});
const post = (body: unknown, headers: Record<string, string> = TOKEN) =>
  fetch(`${simulator.httpUrl}/email`, { method: 'POST', body: JSON.stringify(body), headers });
const search = async (query: string, httpUrl = simulator.httpUrl) => {
  const answer = await fetch(`${httpUrl}/messages/outbound?count=10&offset=0&${query}`, { headers: TOKEN });
  return (await answer.json()) as { TotalCount: number; Messages: { MessageID: string }[] };
};

test('a mail is accepted with an id, and the ledger names its attempt', async () => {
  const answer = await post(mail('Ada <ada@example.com>'));
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      To: 'ada@example.com',
      SubmittedAt: expect.any(String),
      MessageID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ErrorCode: 0,
      Message: 'OK',
    },
  ]);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'postmark',
      channel: 'email',
      to: 'ada@example.com',
      subject: 'Hello',
      notification_id: id,
      attempt_id: attemptId(id, 2),
      idempotency_key: null,
    },
  ]);
});

test('a mail is found by its metadata in its stream alone, also after a restart', async () => {
  const { MessageID } = (await (await post(mail('ada@example.com'))).json()) as { MessageID: string };
  await post(mail('bob@example.com', { Metadata: { attempt: 'other/1' } }));
  const query = `metadata_attempt=${encodeURIComponent(attemptId(id, 2))}`;
  const found = { TotalCount: 1, Messages: [{ MessageID, Metadata: { attempt: attemptId(id, 2) } }] };
  expect(await search(query)).toMatchObject(found);
  expect(await search('')).toMatchObject({ TotalCount: 2 });
  expect(await search(`${query}&messagestream=broadcast`)).toEqual({ TotalCount: 0, Messages: [] });
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    expect(await search(query, next.httpUrl)).toMatchObject(found);
  } finally {
    await next.close();
  }
});

test('a search needs a page', async () => {
  const answer = await fetch(`${simulator.httpUrl}/messages/outbound?count=501&offset=0`, { headers: TOKEN });
  expect([answer.status, await answer.json()]).toMatchObject([422, { ErrorCode: 700 }]);
});

test.each([
  [mail('nobody'), 300],
  [mail(''), 300],
  [mail('a@b.example', { From: 'nobody' }), 300],
  [mail('a@b.example', { TextBody: '' }), 300],
  [mail('a@b.example', { MessageStream: 'unknown' }), 1235],
  [mail('a@b.example', { Metadata: { attempt: 7 } }), 300],
  [mail('a@b.example', { Metadata: { attempt: 'x'.repeat(81) } }), 300],
  [mail('a@b.example', { Attachments: [{ Name: 'a', ContentType: 'b/c', Content: '%' }] }), 300],
  [null, 402],
])('what is wrong is refused with its code (%#)', async (body, code) => {
  const answer = await post(body);
  expect([answer.status, await answer.json()]).toMatchObject([422, { ErrorCode: code }]);
  expect(await simulator.ledger()).toEqual([]);
});

test('a request without a token is refused; with one it may read its server', async () => {
  expect((await post(mail('ada@example.com'), {})).status).toBe(401);
  const server = await fetch(`${simulator.httpUrl}/server`, { headers: TOKEN });
  expect(await server.json()).toMatchObject({ Name: 'Simulator' });
});

test('recipients command', async () => {
  const status = async (to: string) => (await post(mail(to))).status;
  expect(await status('bounce@example.com')).toBe(200);
  expect(await status('error@example.com')).toBe(500);
  expect([await status('throttle@example.com'), await status('throttle@example.com')]).toEqual([429, 429]);
  expect(await status('throttle@example.com')).toBe(200);
  await expect(post(mail('drop@example.com'))).rejects.toThrow();
  expect((await simulator.ledger()).map(({ to }) => to)).toEqual([
    'bounce@example.com',
    'throttle@example.com',
    'drop@example.com',
  ]);
});
