import { attemptId, notificationId } from '@carillon/core/text/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../start.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

const id = notificationId('app', 'test', 'mail');
const KEY = { authorization: 'Bearer SG.x' };

let simulator: SimulatorUnderTest;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
});
afterEach(() => simulator.end());

const mail = (to: string, more: object = {}) => ({
  personalizations: [{ to: [{ email: to }] }],
  from: { email: 'a@acme.example', name: 'Acmé' },
  subject: 'Hello',
  content: [{ type: 'text/plain', value: 'Hi' }],
  custom_args: { notification_id: id, attempt_id: attemptId(id, 2) },
  ...more,
});
const post = (body: unknown, headers: Record<string, string> = KEY) =>
  fetch(`${simulator.httpUrl}/v3/mail/send`, { method: 'POST', body: JSON.stringify(body), headers });
const activity = async (query: string, httpUrl = simulator.httpUrl) => {
  const answer = await fetch(`${httpUrl}/v3/messages?query=${encodeURIComponent(query)}`, { headers: KEY });
  return (await answer.json()) as { messages: { msg_id: string; to_email: string }[] };
};

test('a mail is accepted with an id in a header and nothing in the body, and the ledger names its attempt', async () => {
  const answer = await post(mail('ada@example.com'));
  expect([answer.status, await answer.text()]).toEqual([202, '']);
  expect(answer.headers.get('x-message-id')).toMatch(/^[\w-]{22}$/);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'sendgrid',
      channel: 'email',
      to: 'ada@example.com',
      subject: 'Hello',
      notification_id: id,
      attempt_id: attemptId(id, 2),
      idempotency_key: null,
    },
  ]);
});

test('each personalization is a mail of its own, with its own arguments', async () => {
  const other = notificationId('app', 'test', 'other');
  const answer = await post(
    mail('', {
      personalizations: [
        { to: [{ email: 'ada@example.com' }] },
        {
          to: [{ email: 'bob@example.com' }],
          subject: 'Bob',
          custom_args: { attempt_id: attemptId(other, 1) },
        },
      ],
    }),
  );
  expect(answer.status).toBe(202);
  expect(await simulator.ledger()).toMatchObject([
    { to: 'ada@example.com', subject: 'Hello', attempt_id: attemptId(id, 2) },
    { to: 'bob@example.com', subject: 'Bob', attempt_id: attemptId(other, 1) },
  ]);
});

test('Email Activity finds a mail by its arguments and recipient, also after a restart', async () => {
  const sent = (await post(mail('ada@example.com'))).headers.get('x-message-id')!;
  await post(mail('bob@example.com', { custom_args: { attempt_id: 'other/1' } }));
  const lookUp = async (httpUrl?: string) => {
    const { messages } = await activity(`unique_args['attempt_id']="${attemptId(id, 2)}"`, httpUrl);
    expect(messages).toHaveLength(1);
    expect(messages[0]!.msg_id.split('.')[0]).toBe(sent);
    expect((await activity('to_email="bob@example.com"', httpUrl)).messages).toHaveLength(1);
    const both = `to_email="bob@example.com" AND unique_args['attempt_id']="${attemptId(id, 2)}"`;
    expect((await activity(both, httpUrl)).messages).toHaveLength(0);
  };
  await lookUp();
  expect(await activity('nonsense')).toMatchObject({ errors: [{ field: 'query' }] });
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    await lookUp(next.httpUrl);
  } finally {
    await next.close();
  }
});

test.each([
  [mail('nobody'), 'personalizations.0.to.0.email'],
  [mail('a@b.example', { from: { email: 'nobody' } }), 'from.email'],
  [mail('a@b.example', { content: [] }), 'content'],
  [mail('a@b.example', { content: [{ type: 'text/html', value: '' }] }), 'content.0.value'],
  [mail('a@b.example', { subject: '' }), 'subject'],
  [mail('a@b.example', { custom_args: { n: 7 } }), 'custom_args.n'],
  [mail('a@b.example', { personalizations: [] }), 'personalizations'],
  [mail('a@b.example', { personalizations: [null] }), 'personalizations.0.to'],
  [null, null],
])('what is wrong is refused with its field (%#)', async (body, field) => {
  const answer = await post(body);
  expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ field }] }]);
  expect(await simulator.ledger()).toEqual([]);
});

test('a request without a key is refused; with one it may read its scopes', async () => {
  expect((await post(mail('ada@example.com'), {})).status).toBe(401);
  const scopes = await fetch(`${simulator.httpUrl}/v3/scopes`, { headers: KEY });
  expect(await scopes.json()).toMatchObject({ scopes: expect.arrayContaining(['mail.send']) });
});

test('recipients command', async () => {
  const status = async (to: string) => (await post(mail(to))).status;
  expect(await status('bounce@example.com')).toBe(202);
  expect(await status('error@example.com')).toBe(500);
  expect([await status('throttle@example.com'), await status('throttle@example.com')]).toEqual([429, 429]);
  expect(await status('throttle@example.com')).toBe(202);
  await expect(post(mail('drop@example.com'))).rejects.toThrow();
  expect((await simulator.ledger()).map(({ to }) => to)).toEqual([
    'bounce@example.com',
    'throttle@example.com',
    'drop@example.com',
  ]);
});
