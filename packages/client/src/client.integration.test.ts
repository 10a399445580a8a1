import { EVENT_TYPES } from '@carillon/core/webhook/event';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { insertNotification } from '../../../test/support/rows.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import type { SendRequest } from './api-types.ts';
import { Carillon, type CarillonOptions } from './carillon.ts';
import { idempotencyKey } from './idempotency-key.ts';
import type { NotificationFacts } from './webhooks/event.ts';

/** The client and the real API: in process, through sockets, and through a network that fails. */
let database: TestDatabase;
let api: ServedApi;
let apiKey: string;
let proxy: TcpProxy;
let carillon: Carillon;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
  apiKey = await api.key({ environment: 'test' });
  proxy = await tcpProxy(api.port);
  carillon = client();
});
afterAll(async () => {
  await proxy.close();
  await api.close();
  await database.drop();
});

const client = (options: Partial<CarillonOptions> = {}) =>
  new Carillon({ apiKey, baseUrl: api.url, ...options });
const hello = (more: Partial<SendRequest> = {}): SendRequest => ({
  to: { email: 'ok@example.test' },
  channel: 'email',
  content: { subject: 'Hello', text: 'It works' },
  ...more,
});
const rowsOf = async (key: string): Promise<number> =>
  (await api.db.sql`select from notifications where idempotency_key = ${key}`).count;
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error) => error.code,
  );

describe('a send', () => {
  test('is stored, found, listed and cancelled', async () => {
    const { id, status, replayed } = await carillon.notifications.send(hello({ category: 'taken-back' }));
    expect({ status, replayed }).toEqual({ status: 'pending', replayed: false });
    expect(await carillon.notifications.get(id)).toMatchObject({ id, to: { email: 'ok@example.test' } });
    const listed = await carillon.notifications.list({ category: 'taken-back' }).toArray(10);
    expect(listed.map((each) => each.id)).toEqual([id]);
    expect((await carillon.notifications.cancel(id)).status).toBe('cancelled');
    expect(await code(carillon.notifications.retry(id))).toBe('invalid_state');
  });

  test('is found by its address, and is a line of the CSV file', async () => {
    const { id } = await carillon.notifications.send(hello({ to: { email: 'csv@example.test' } }));
    const { data } = await carillon.notifications.search('CSV@example.test');
    expect(data.map((hit) => [hit.kind, hit.notification?.id])).toEqual([
      ['address', undefined],
      ['notification', id],
    ]);
    const file = await carillon.notifications.exportCsv({
      address: 'csv@example.test',
      status: 'pending,queued',
    });
    expect(file.split('\r\n').map((line) => line.slice(0, 36))).toEqual([
      'id,created_at,status,channel,priorit',
      id,
      '',
    ]);
    expect(await carillon.notifications.sandbox({ to: 'csv@example.test' }).toArray(10)).toEqual([]);
  });

  test('with a Hono app instead of a network is the same', async () => {
    const inProcess = client({ baseUrl: 'http://api.test', fetch: api.app.request });
    const { id } = await inProcess.notifications.send(hello());
    expect((await inProcess.notifications.get(id)).status).toBe('pending');
  });

  test('with the same key is replayed, with another body refused', async () => {
    const request = hello({ idempotency_key: 'twice' });
    const first = await carillon.notifications.send(request);
    expect(await carillon.notifications.send(request)).toEqual({ ...first, replayed: true });
    const other = { ...request, content: { subject: 'Other', text: 'Other' } };
    expect(await code(carillon.notifications.send(other))).toBe('idempotency_conflict');
  });

  test('with a key made of recipient, template and event equals the key from event_id', async () => {
    await carillon.recipients.put('user_7', { email: 'ok@example.test' });
    const to = { recipient_id: 'user_7' };
    const first = await carillon.notifications.send(hello({ to, event_id: 'order-17' }));
    const key = await idempotencyKey.from('user_7', '', 'order-17');
    expect(first.idempotency_key).toBe(key);
    expect(await code(carillon.notifications.send(hello({ to, idempotency_key: key })))).toBe(
      'idempotency_conflict',
    );
    expect(await rowsOf(key)).toBe(1);
  });

  test('that is refused names the fields and the request', async () => {
    const error = await carillon.notifications
      .send(hello({ to: { email: 'nobody' } }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'invalid_request',
      status: 422,
      errors: [{ path: 'to.email' }],
      requestId: expect.any(String),
      idempotencyKey: expect.stringMatching(/^auto_/),
    });
  });
});

describe('over a network that fails', () => {
  test('a send whose answer was lost is repeated with its key and not duplicated', async () => {
    proxy.loseAnswers();
    const bodies: string[] = [];
    const through = client({
      baseUrl: `http://127.0.0.1:${proxy.port}`,
      fetch: async (url, init) => {
        bodies.push(init.body!);
        if (bodies.length === 2) await proxy.restore();
        return fetch(url, init);
      },
    });
    const { id, replayed, idempotency_key } = await through.notifications.send(hello());
    expect(bodies).toEqual([bodies[0], bodies[0]]);
    expect(replayed).toBe(true);
    expect((await carillon.notifications.get(id)).idempotency_key).toBe(idempotency_key);
    expect(await rowsOf(idempotency_key)).toBe(1);
  });

  test('a batch whose answer was lost is repeated with its keys and not duplicated', async () => {
    proxy.loseAnswers();
    let requests = 0;
    const through = client({
      baseUrl: `http://127.0.0.1:${proxy.port}`,
      fetch: async (url, init) => {
        if (++requests === 2) await proxy.restore();
        return fetch(url, init);
      },
    });
    const { items, counts } = await through.notifications.sendBatch([
      hello(),
      hello({ to: { email: 'nobody' } }),
      hello(),
    ]);
    expect(items.map(({ outcome }) => outcome)).toEqual(['replayed', 'refused', 'replayed']);
    expect(counts).toMatchObject({ replayed: 2, refused: 1 });
    for (const index of [0, 2]) expect(await rowsOf(items[index]!.idempotencyKey!)).toBe(1);
  });

  test('an unreachable server is reported, with the key to repeat the send', async () => {
    await proxy.cut();
    // While broken connections are still in the pool, fetch may report those instead.
    await until('no connection', () =>
      fetch(`http://127.0.0.1:${proxy.port}`).catch((error) => error.cause?.code === 'ECONNREFUSED'),
    );
    const away = client({ baseUrl: `http://127.0.0.1:${proxy.port}`, retries: 0 });
    const error = await away.notifications.send(hello()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unreachable', idempotencyKey: expect.stringMatching(/^auto_/) });
    expect((error as Error).message).toContain('ECONNREFUSED');
    await proxy.restore();
  });

  test('a server that does not answer times out after timeoutMs', async () => {
    // A new connection: those in the pool were closed.
    await fetch(`http://127.0.0.1:${proxy.port}/healthz`).catch(() => {});
    proxy.freeze();
    const slow = client({ baseUrl: `http://127.0.0.1:${proxy.port}`, retries: 0, timeoutMs: 50 });
    expect(await code(slow.notifications.send(hello()))).toBe('timed_out');
    await proxy.restore();
  });

  test('a rate limit is waited for', async () => {
    const limited = client({ apiKey: await api.key({ environment: 'test', ratePerSecond: 1 }) });
    const answers = await Promise.all([limited.templates.list().page(), limited.templates.list().page()]);
    expect(answers.map(({ data }) => data)).toEqual([[], []]);
  });
});

describe('the other resources', () => {
  test('recipients, devices and preferences', async () => {
    const id = 'user/with spaces & ünicode';
    expect(await carillon.recipients.put(id, { email: 'ada@example.test', locale: 'en' })).toMatchObject({
      recipient_id: id,
    });
    const device = await carillon.recipients.addDevice(id, { fcm_token: 'token-1' });
    expect(device.kind).toBe('fcm');
    expect((await carillon.recipients.get(id)).contact_points).toHaveLength(2);
    await carillon.recipients.removeDevice(id, { fcm_token: 'token-1' });
    await carillon.recipients.putPreferences(id, { channels: { sms: false } });
    expect((await carillon.recipients.getPreferences(id)).channels).toMatchObject({
      sms: false,
      email: true,
    });
    await carillon.recipients.erase(id, { suppress: true });
    expect(await code(carillon.recipients.get(id))).toBe('not_found');
    const asked = carillon.suppressions.list({ channel: 'email', address: 'ada@example.test' });
    expect((await asked.toArray(1))[0]?.reason).toBe('erased');
  });

  test('templates, and a list over several pages', async () => {
    for (const key of ['a', 'b', 'c']) {
      await carillon.templates.put(key, { channels: { sms: { en: { text: `${key}: {{ name }}` } } } });
    }
    expect((await carillon.templates.get('b', { version: 1 })).required_variables).toEqual(['name']);
    const preview = await carillon.templates.preview('b', { channel: 'sms', data: { name: 'Ada' } });
    expect(preview.content.text).toBe('b: Ada');
    const keys: string[] = [];
    for await (const { key } of carillon.templates.list({ limit: 2 })) keys.push(key);
    expect(keys).toEqual(['a', 'b', 'c']);
    expect((await carillon.templates.list({ limit: 2 }).page()).next_cursor).not.toBeNull();
  });

  test('suppressions and categories', async () => {
    await carillon.suppressions.add({ channel: 'sms', address: '+14155552671', detail: 'asked by phone' });
    await carillon.suppressions.remove({ channel: 'sms', address: '+14155552671' });
    expect(await carillon.suppressions.list({ channel: 'sms' }).toArray(10)).toEqual([]);
    await carillon.categories.put('billing', { delivery_policy: 'at_most_once' });
    expect((await carillon.categories.get('billing')).delivery_policy).toBe('at_most_once');
    expect(await carillon.categories.list().toArray(10)).toHaveLength(1);
    await carillon.categories.delete('billing');
  });

  test('webhook endpoints', async () => {
    const url = 'https://hooks.example.com/carillon';
    const { id, secret } = await carillon.webhookEndpoints.create({ url });
    expect(secret).toMatch(/^whsec_/);
    expect((await carillon.webhookEndpoints.rotateSecret(id)).secret).not.toBe(secret);
    expect((await carillon.webhookEndpoints.patch(id, { enabled: false })).enabled).toBe(false);
    expect(await carillon.webhookEndpoints.list().toArray(10)).toHaveLength(1);
    expect(await carillon.webhookEndpoints.deliveries(id).toArray(10)).toEqual([]);
    await carillon.webhookEndpoints.delete(id);
    expect(await code(carillon.webhookEndpoints.get(id))).toBe('not_found');
  });

  test('apps, keys, staff and the audit log', async () => {
    const root = client({ apiKey: await api.key({ scopes: ['admin', 'installation'] }) });
    const app = await root.apps.create({ name: 'Shop' });
    expect((await root.apps.patch(app.id, { time_zone: 'Europe/Berlin' })).time_zone).toBe('Europe/Berlin');
    expect((await root.apps.list().toArray(10)).map(({ id }) => id)).toContain(app.id);
    const made = await root.apiKeys.create({
      app_id: app.id,
      environment: 'test',
      name: 'Till',
      scopes: ['admin'],
    });
    const till = client({ apiKey: made.key });
    const rotated = await till.apiKeys.rotate(made.id, { overlap_seconds: 60 });
    expect((await till.apiKeys.list().toArray(10)).map(({ id }) => id)).toEqual([rotated.id, made.id]);
    await root.apiKeys.revoke(rotated.id);
    const member = await root.staff.create({ email: 'ada@acme.example', role: 'viewer' });
    expect((await root.staff.patch(member.id, { role: 'admin' })).roles).toMatchObject([{ role: 'admin' }]);
    const reset = await root.staff.resetPassword(member.id);
    expect(reset.link.url).not.toBe(member.link.url);
    expect(await root.staff.sessions(member.id).toArray(10)).toEqual([]);
    expect(await root.staff.list().toArray(10)).toHaveLength(1);
    expect(await root.staff.roles().toArray(10)).toHaveLength(7);
    const entries = await root.audit.list({ subject: `staff:${member.id}` }).toArray(10);
    expect(entries.map(({ action }) => action)).toEqual(['staff.reset', 'staff.roles', 'staff.add']);
    expect(await code(till.apps.list().page())).toBe('forbidden');
  });

  test('operations for admins are refused with the name of the scope', async () => {
    expect(await code(carillon.providerAccounts.get('x'))).toMatch(/^(wrong_environment|not_found)$/);
    const narrow = client({
      apiKey: await api.key({ environment: 'test', scopes: ['notifications:write'] }),
    });
    expect(await code(narrow.breakers.list().page())).toBe('forbidden');
    expect(await code(narrow.notifications.list().page())).toBe('forbidden');
  });
});

test('the event facts match those that the database writes', async () => {
  const facts: Record<keyof NotificationFacts, true> = {
    notification_id: true,
    status: true,
    channel: true,
    priority: true,
    category: true,
    recipient_id: true,
    campaign_id: true,
    provider: true,
    provider_message_id: true,
    attempts: true,
    error: true,
    metadata: true,
    created_at: true,
  };
  const { sql } = api.db;
  await carillon.webhookEndpoints.create({ url: 'https://hooks.example.com/all' });
  const id = await insertNotification(sql, { appId: api.appId, state: 'in_doubt' });
  await sql`
    update notifications set state = 'dead', error_code = 'x', error = 'y', provider = 'p', provider_message_id = 'm',
      recipient_id = 'r', category = 'c', campaign_id = gen_random_uuid(), options = '{"metadata": {"a": "b"}}'
    where id = ${id}`;
  const [event] = await sql<{ type: string; data: NotificationFacts }[]>`
    select type, data from events where notification_id = ${id}`;
  expect(event!.type).toBe('notification.dead');
  expect(EVENT_TYPES).toHaveProperty([event!.type]);
  expect(Object.keys(event!.data).sort()).toEqual(Object.keys(facts).sort());
  expect(event!.data).toMatchObject({
    status: 'dead',
    error: { code: 'x', message: 'y' },
    metadata: { a: 'b' },
  });
});
