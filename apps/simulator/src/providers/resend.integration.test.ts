import { attemptId, notificationId } from '@carillon/core/text/ids';
import { Resend } from 'resend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../start.ts';
import { readLedger, type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

let simulator: SimulatorUnderTest;
let resend: Resend;

beforeEach(async () => {
  simulator = await simulatorUnderTest();
  resend = new Resend('re_123', { baseUrl: simulator.httpUrl });
});
afterEach(() => simulator.end());

const id = notificationId('app', 'test', 'order-17');
const mail = { from: 'Acme <hi@acme.example>', to: 'ada@example.com', subject: 'Hello', text: 'Hi Ada' };

test('the SDK sends a mail, and the ledger names its attempt by the idempotency key', async () => {
  const { data, error } = await resend.emails.send(mail, { idempotencyKey: attemptId(id, 1) });
  expect(error).toBeNull();
  expect(data!.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'resend',
      channel: 'email',
      to: 'ada@example.com',
      subject: 'Hello',
      notification_id: id,
      attempt_id: attemptId(id, 1),
      idempotency_key: attemptId(id, 1),
    },
  ]);
});

test('tags name the notification where there is no key', async () => {
  await resend.emails.send({ ...mail, tags: [{ name: 'notification_id', value: id }] });
  expect(await simulator.ledger()).toMatchObject([
    { notification_id: id, attempt_id: null, idempotency_key: null },
  ]);
});

test('the same key and body give the same id and one acceptance, another body is a conflict', async () => {
  const first = await resend.emails.send(mail, { idempotencyKey: 'k' });
  const again = await resend.emails.send(mail, { idempotencyKey: 'k' });
  expect(again.data).toEqual(first.data);
  const other = await resend.emails.send({ ...mail, subject: 'Other' }, { idempotencyKey: 'k' });
  expect(other.error).toMatchObject({ name: 'invalid_idempotent_request', statusCode: 409 });
  expect(await simulator.ledger()).toHaveLength(1);
});

test('a key is remembered when the simulator was stopped and started again', async () => {
  const first = await resend.emails.send(mail, { idempotencyKey: 'k' });
  await simulator.close();
  const next = await startSimulator({ dataDirectory: simulator.dataDirectory });
  try {
    const other = new Resend('re_123', { baseUrl: next.httpUrl });
    expect((await other.emails.send(mail, { idempotencyKey: 'k' })).data).toEqual(first.data);
    expect((await other.emails.send({ ...mail, text: 'x' }, { idempotencyKey: 'k' })).error?.statusCode).toBe(
      409,
    );
    expect(await readLedger(next.httpUrl)).toHaveLength(1);
  } finally {
    await next.close();
  }
});

test('a hundred concurrent requests with one key are one acceptance', async () => {
  const send = () => resend.emails.send(mail, { idempotencyKey: 'k' });
  const answers = await Promise.all(Array.from({ length: 100 }, send));
  const names = new Set(answers.map(({ data, error }) => data?.id ?? error?.name));
  names.delete('concurrent_idempotent_requests');
  expect(names.size).toBe(1);
  expect(await simulator.ledger()).toHaveLength(1);
});

test('a mail whose connection died after the acceptance is settled by repeating it with its key', async () => {
  const dropped = await resend.emails.send({ ...mail, to: 'drop@example.com' }, { idempotencyKey: 'k' });
  expect(dropped.data).toBeNull();
  const again = await resend.emails.send({ ...mail, to: 'drop@example.com' }, { idempotencyKey: 'k' });
  expect(again.data?.id).toBeDefined();
  expect(await simulator.ledger()).toHaveLength(1);
});

test('a batch is accepted as a whole, one line each', async () => {
  const batch = [
    { ...mail, tags: [{ name: 'attempt', value: `${id}-2` }] },
    { ...mail, to: 'grace@example.com' },
  ];
  const { data } = await resend.batch.send(batch, { idempotencyKey: 'batch' });
  expect(data!.data).toHaveLength(2);
  expect((await resend.batch.send(batch, { idempotencyKey: 'batch' })).data).toEqual(data);
  expect(await simulator.ledger()).toMatchObject([
    { to: 'ada@example.com', attempt_id: attemptId(id, 2) },
    { to: 'grace@example.com', attempt_id: null },
  ]);
});

test.each([
  [{ ...mail, to: '' }, 422, 'missing_required_field'],
  [{ ...mail, to: 'nobody' }, 422, 'validation_error'],
  [{ ...mail, from: 'nobody' }, 422, 'invalid_from_address'],
  [{ ...mail, tags: [{ name: 'a', value: 'b/c' }] }, 422, 'validation_error'],
  [{ ...mail, to: 'error@example.com' }, 500, 'internal_server_error'],
])('%j is refused with %i %s and not accepted', async (wrong, status, name) => {
  const { error } = await resend.emails.send(wrong);
  expect(error).toMatchObject({ name, statusCode: status });
  expect(await simulator.ledger()).toEqual([]);
});

test('a mail to throttle@ is refused twice with Retry-After and then accepted, each mail for itself', async () => {
  for (const n of [1, 2]) {
    const body = {
      ...mail,
      to: 'throttle@example.com',
      tags: [{ name: 'n', value: notificationId('a', 'test', `${n}`) }],
    };
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await resend.emails.send(body));
    expect(answers.map(({ error }) => error?.name ?? 'ok')).toEqual([
      'rate_limit_exceeded',
      'rate_limit_exceeded',
      'ok',
    ]);
    expect(answers[0]!.headers).toMatchObject({ 'retry-after': '1' });
  }
  expect(await simulator.ledger()).toHaveLength(2);
});

test('bounce@ and complain@ are accepted: Resend reports them later', async () => {
  for (const to of ['bounce@example.com', 'complain@example.com']) await resend.emails.send({ ...mail, to });
  expect(await simulator.ledger()).toHaveLength(2);
});

test('without an API key nothing is accepted', async () => {
  const answer = await fetch(`${simulator.httpUrl}/emails`, { method: 'POST', body: JSON.stringify(mail) });
  expect([answer.status, ((await answer.json()) as { name: string }).name]).toEqual([401, 'missing_api_key']);
});
