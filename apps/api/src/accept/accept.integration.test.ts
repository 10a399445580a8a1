import { randomUUID } from 'node:crypto';
import { notificationId } from '@carillon/core/text/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { until } from '../../../../test/support/until.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const mail = (more: Record<string, unknown> = {}) => ({
  to: { email: 'ok@example.com' },
  channel: 'email',
  content: { subject: 'Hello', text: 'Hello, Ada' },
  ...more,
});
const send = (body: unknown, headers: Record<string, string> = {}) =>
  api.request('POST', '/v1/notifications', body, { headers });
const rowOf = async (id: string) => (await api.db.sql`select * from notifications where id = ${id}`)[0];
const outboxOf = (id: string) => api.db.sql`select * from outbox where ${id}::uuid = any (ids)`;

describe('a 202', () => {
  test('is answered after the row and its outbox row are stored', async () => {
    const { status, body, headers } = await send(mail({ priority: 'critical', category: 'security' }));
    expect(status).toBe(202);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).toEqual({
      id: body.id,
      notification_id: body.id,
      status: 'pending',
      idempotency_key: expect.stringMatching(/^auto_/),
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const row = await rowOf(body.id);
    expect(row).toMatchObject({
      app_id: api.appId,
      environment: 'live',
      state: 'pending',
      priority: 'critical',
      channel: 'email',
      route: ['email'],
      category: 'security',
      address: { email: 'ok@example.com' },
      content: { subject: 'Hello', text: 'Hello, Ada' },
      next_attempt_at: null,
    });
    expect((row as { created_at: Date }).created_at.toISOString()).toBe(body.created_at);
    expect(await outboxOf(body.id)).toMatchObject([
      { lane: 'email-critical', ids: [body.id], available_at: null },
    ]);
  });

  test('returns the id derived from the idempotency key', async () => {
    const key = randomUUID();
    const { body } = await send(mail(), { 'Idempotency-Key': key });
    expect(body.id).toBe(notificationId(api.appId, 'live', key));
    expect(body.idempotency_key).toBe(key);
  });

  test('stores every field of the request', async () => {
    const { body } = await send({
      ...mail(),
      route: ['sms', 'email'],
      channel: undefined,
      to: { email: 'ok@example.com', phone: '+14155552671' },
      ordering_key: 'user_42',
      event_id: 'evt 1',
      metadata: { order: 'A-17' },
      reply_to: 'Support <help@example.com>',
      ttl_seconds: 60,
    });
    const row = await rowOf(body.id);
    expect(row).toMatchObject({
      channel: 'sms',
      route: ['sms', 'email'],
      ordering_key: 'user_42',
      options: { event_id: 'evt 1', metadata: { order: 'A-17' }, reply_to: 'Support <help@example.com>' },
    });
    const { expires_at, created_at } = row as { expires_at: Date; created_at: Date };
    expect(Math.abs(expires_at.getTime() - created_at.getTime() - 60_000)).toBeLessThan(5_000);
  });
});

describe('a time to send', () => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

  test('within the horizon becomes an outbox row that is due then', async () => {
    const sendAt = inMinutes(3);
    const { body } = await send(mail({ send_at: sendAt }));
    expect(body.status).toBe('scheduled');
    expect(await rowOf(body.id)).toMatchObject({ state: 'scheduled', next_attempt_at: new Date(sendAt) });
    expect(await outboxOf(body.id)).toMatchObject([{ available_at: new Date(sendAt) }]);
  });

  test('beyond the horizon stays in PostgreSQL alone', async () => {
    const { body } = await send(mail({ send_at: inMinutes(10) }));
    expect(body.status).toBe('scheduled');
    expect(await rowOf(body.id)).toMatchObject({ state: 'scheduled', queued_at: null });
    expect(await outboxOf(body.id)).toEqual([]);
  });

  test('in the past means now', async () => {
    const { body } = await send(mail({ send_at: '2020-01-01T00:00:00+02:00' }));
    expect(body.status).toBe('pending');
    expect(await outboxOf(body.id)).toMatchObject([{ available_at: null }]);
  });
});

describe('the same idempotency key', () => {
  test('with the same request gets the same answer and stores nothing', async () => {
    const key = randomUUID();
    const first = await send(mail({ send_at: '2099-01-01T00:00:00Z' }), { 'Idempotency-Key': key });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const again = await send(mail({ send_at: '2099-01-01T00:00:00Z', idempotency_key: key }));
    expect(again.status).toBe(202);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  test('with the fields in another order is the same request', async () => {
    const key = randomUUID();
    await send(
      { channel: 'email', to: { email: 'a@example.com' }, content: { subject: 'S', text: 'T' } },
      { 'Idempotency-Key': key },
    );
    const again = await send(
      {
        content: { text: 'T', subject: 'S' },
        priority: 'normal',
        to: { email: 'a@example.com' },
        channel: 'email',
      },
      { 'Idempotency-Key': key },
    );
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  test('with another request is a conflict that names the notification', async () => {
    const key = randomUUID();
    const { body } = await send(mail(), { 'Idempotency-Key': key });
    const clash = await send(mail({ category: 'other' }), { 'Idempotency-Key': key });
    expect(clash.status).toBe(409);
    expect(clash.body).toMatchObject({
      code: 'idempotency_conflict',
      detail: expect.stringContaining(body.id),
    });
  });

  test('in live and test makes two notifications', async () => {
    const key = randomUUID();
    const live = await send(mail(), { 'Idempotency-Key': key });
    const test = await api.request('POST', '/v1/notifications', mail(), {
      key: await api.key({ environment: 'test' }),
      headers: { 'Idempotency-Key': key },
    });
    expect(test.status).toBe(202);
    expect(test.body.id).not.toBe(live.body.id);
  });

  test('in 50 concurrent requests makes one row and 50 equal answers', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send(mail(), { 'Idempotency-Key': key })),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await outboxOf(answers[0]!.body.id)).toHaveLength(1);
  });

  test('in 50 concurrent different requests accepts exactly one', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => send(mail({ category: `c${n}` }), { 'Idempotency-Key': key })),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([202, ...new Array(49).fill(409)]);
  });

  test('replays a request whose expiry has passed since', async () => {
    const key = randomUUID();
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const request = mail({ expires_at: expiresAt });
    const first = await send(request, { 'Idempotency-Key': key });
    expect(first.status).toBe(202);
    await until('the expiry to pass', () => Date.now() > Date.parse(expiresAt));
    const again = await send(request, { 'Idempotency-Key': key });
    expect(again.status).toBe(202);
    expect(again.body).toEqual(first.body);
    expect((await send(request)).body.detail).toContain('has passed');
  });

  test('is derived from the event if the request has none', async () => {
    const event = mail({ event_id: 'order-17-shipped' });
    const first = await send(event);
    expect(first.body.idempotency_key).toMatch(/^evt_[0-9a-f]{64}$/);
    expect((await send(event)).headers.get('idempotent-replayed')).toBe('true');
    expect((await send(mail({ event_id: 'order-18-shipped' }))).body.id).not.toBe(first.body.id);
  });
});

describe('a batch', () => {
  const batch = (notifications: unknown) => api.request('POST', '/v1/notifications/batch', { notifications });

  test('stores the valid items and reports the problem of each invalid one', async () => {
    const used = randomUUID();
    await send(mail(), { 'Idempotency-Key': used });
    const twice = randomUUID();
    const { status, body } = await batch([
      mail(),
      mail({ to: { email: 'nobody' } }),
      mail({ idempotency_key: twice }),
      mail({ idempotency_key: twice }),
      mail({ idempotency_key: twice, category: 'other' }),
      mail({ idempotency_key: used }),
      mail({ idempotency_key: used, category: 'other' }),
      'not an object',
      mail({ to: { recipient_id: 'stranger' } }),
      mail({ content: { subject: 'x', text: 'a\u0000b' } }),
    ]);
    expect(status).toBe(207);
    expect(body.results.map((result: { index: number }) => result.index)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([
      202, 422, 202, 202, 409, 202, 409, 422, 422, 422,
    ]);
    expect(body.results[1].error).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'to.email', message: expect.stringContaining('"nobody"') }],
    });
    expect(body.results[2].replayed).toBe(false);
    expect(body.results[3]).toMatchObject({ id: body.results[2].id, replayed: true });
    expect(body.results[4].error.code).toBe('idempotency_conflict');
    expect(body.results[5].replayed).toBe(true);
    expect(body.results[8].error.code).toBe('unknown_recipient');
    expect(body.results[9].error.errors[0].path).toBe('content.text');
    const stored = await api.db
      .sql`select id from notifications where id = any (${[body.results[0].id, body.results[2].id]}::uuid[])`;
    expect(stored).toHaveLength(2);
  });

  test('of 1000 is announced in outbox rows of at most 100 ids per lane', async () => {
    const { status, body } = await batch(
      Array.from({ length: 1_000 }, (_, n) => mail({ priority: n % 4 === 0 ? 'critical' : 'bulk' })),
    );
    expect(status).toBe(207);
    const ids = body.results.map((result: { id: string }) => result.id);
    expect(new Set(ids).size).toBe(1_000);
    const rows = await api.db.sql<{ lane: string; size: number }[]>`
      select lane, cardinality(ids) as size from outbox where ids && ${ids}::uuid[]`;
    expect(rows.every((row) => row.size <= 100)).toBe(true);
    const total = (lane: string) =>
      rows.filter((row) => row.lane === lane).reduce((sum, row) => sum + row.size, 0);
    expect([total('email-critical'), total('email-bulk')]).toEqual([250, 750]);
  });

  test.each([
    ['is empty', []],
    ['is too long', new Array(1_001).fill({})],
    ['is no list', 'x'],
  ])('that %s is refused as a whole', async (_, notifications) => {
    const { status, body } = await batch(notifications);
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({
      path: 'notifications',
      message: expect.stringContaining('1 to 1000'),
    });
  });

  test('with an Idempotency-Key header or an unknown field is refused as a whole', async () => {
    const keyed = await api.request(
      'POST',
      '/v1/notifications/batch',
      { notifications: [mail()] },
      { headers: { 'Idempotency-Key': 'x' } },
    );
    expect([keyed.status, keyed.body.errors[0].path]).toEqual([422, 'Idempotency-Key']);
    const strange = await api.request('POST', '/v1/notifications/batch', { notification: [mail()] });
    expect([strange.status, strange.body.errors[0].path]).toEqual([422, 'notification']);
  });
});
