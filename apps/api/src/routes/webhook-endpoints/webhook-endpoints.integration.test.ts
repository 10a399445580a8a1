import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const PATH = '/v1/webhook-endpoints';
const create = (over: object = {}) =>
  api.request('POST', PATH, { url: 'https://customer.example/hooks', ...over });

test('an endpoint is registered with a secret that is shown only once, and encrypted at rest', async () => {
  const { status, body } = await create({ event_types: ['notification.sent'], description: 'Orders' });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    url: 'https://customer.example/hooks',
    event_types: ['notification.sent'],
    enabled: true,
  });
  expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const answers = [await api.request('GET', `${PATH}/${body.id}`), await api.request('GET', PATH)];
  const rows = await api.db
    .sql`select webhook_endpoints::text as row from webhook_endpoints union all select audit_log::text from audit_log`;
  for (const text of [...answers.map((each) => JSON.stringify(each.body)), ...rows.map(({ row }) => row)])
    expect(text).not.toContain(body.secret.slice(6));
});

test.each([
  ['plain http', 'http://customer.example/hooks'],
  ['a private address', 'https://10.0.0.8/hooks'],
  ['a loopback address', 'https://[::1]/hooks'],
  ['the metadata service', 'https://169.254.169.254/latest'],
  ['a name of the inside', 'https://db.internal/hooks'],
  ['localhost', 'https://localhost/hooks'],
  ['a password', 'https://user:secret@customer.example/'],
  ['another scheme', 'ftp://customer.example/'],
  ['no URL', 'customer'],
])('a URL with %s is refused with the name of the field', async (_, url) => {
  const { status, body } = await create({ url });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain('url');
});

test('the audit log keeps the origin of a URL and not its tokens, for every action on the endpoint', async () => {
  const url = 'https://customer.example/T0/hidden-token?token=hidden-token';
  const { body } = await create({ url });
  await api.request('PATCH', `${PATH}/${body.id}`, { url: `${url}2`, description: 'Orders' });
  await api.request('DELETE', `${PATH}/${body.id}`);
  const rows = await api.db.sql<{ action: string; detail: { url_hash: string } }[]>`
    select action, detail from audit_log where subject = ${`webhook_endpoint:${body.id}`} order by id`;
  const kept = { origin: 'https://customer.example', url_hash: expect.stringMatching(/^[0-9a-f]{16}$/) };
  expect(rows.map(({ action }) => action.split('.')[1])).toEqual(['create', 'patch', 'delete']);
  for (const { detail } of rows) expect(detail).toMatchObject(kept);
  expect(JSON.stringify(rows)).not.toContain('hidden-token');
  expect(rows[1]!.detail).toMatchObject({ description: 'Orders' });
  expect(rows[1]!.detail).toMatchObject({ url_hash: rows[2]!.detail.url_hash });
});

test('an unknown event type or field is refused', async () => {
  expect((await create({ event_types: ['notification.eaten'] })).status).toBe(422);
  expect((await create({ colour: 'red' })).status).toBe(422);
});

test('a rotation returns a new secret and the time until which the old one is also used', async () => {
  const { body: before } = await create();
  const { status, body } = await api.request('POST', `${PATH}/${before.id}/rotate-secret`, {
    overlap_seconds: 60,
  });
  expect(status).toBe(200);
  expect(body.secret).not.toBe(before.secret);
  expect(Date.parse(body.previous_secret_until)).toBeGreaterThan(Date.now() + 50_000);
  expect((await api.request('POST', `${PATH}/${before.id}/rotate-secret`)).status).toBe(200);
});

test('at most five secrets sign at once: another rotation is refused with the remedies, which work', async () => {
  const { body } = await create();
  const rotate = (overlap_seconds: number) =>
    api.request('POST', `${PATH}/${body.id}/rotate-secret`, { overlap_seconds });
  const day = 24 * 3600;
  for (const overlap of [7 * day, 60, day, day]) expect((await rotate(overlap)).status).toBe(200);
  const [{ previous_secret_until: until } = { previous_secret_until: '' }] = (
    await api.request('GET', PATH)
  ).body.data.filter(({ id }: { id: string }) => id === body.id);
  expect(Date.parse(until)).toBeGreaterThan(Date.now() + 6 * day * 1000);
  const refused = await rotate(day);
  expect(refused.body).toMatchObject({ status: 409, code: 'invalid_state' });
  expect(refused.body.detail).toMatch(
    /5 secrets already.*Rotate again after \d{4}-.*Z.*"overlap_seconds": 0/,
  );
  const named = Date.parse(/after (\S+Z)/.exec(refused.body.detail)![1]!);
  expect(named).toBeLessThan(Date.now() + 61_000);
  expect((await rotate(0)).status).toBe(200);
  expect((await rotate(day)).status).toBe(200);
});

test('an endpoint is disabled, enabled with its failures reset, changed and removed', async () => {
  const { body } = await create();
  const at = `${PATH}/${body.id}`;
  expect((await api.request('PATCH', at, { enabled: false })).body).toMatchObject({
    enabled: false,
    disabled_reason: 'by request',
  });
  await api.db.sql`update webhook_endpoints set failing_since = now() where id = ${body.id}`;
  expect((await api.request('PATCH', at, { enabled: true })).body).toMatchObject({
    enabled: true,
    failing_since: null,
  });
  expect((await api.request('PATCH', at, { url: 'https://10.0.0.1/' })).status).toBe(422);
  expect(
    (await api.request('PATCH', at, { description: null, event_types: ['notification.dead'] })).body,
  ).toMatchObject({ event_types: ['notification.dead'] });
  expect((await api.request('DELETE', at)).status).toBe(204);
  expect((await api.request('DELETE', at)).status).toBe(404);
});

test("another app's endpoint does not exist for any request", async () => {
  const { body } = await create();
  const [{ id: other } = { id: '' }] = await api.db.sql<
    { id: string }[]
  >`insert into apps (name) values ('other') returning id`;
  const key = await api.key({ appId: other });
  const at = `${PATH}/${body.id}`;
  const asked = [
    ['GET', at],
    ['PATCH', at, { enabled: false }],
    ['DELETE', at],
    ['POST', `${at}/rotate-secret`],
    ['GET', `${at}/deliveries`],
    ['POST', `${at}/replay`, { from: '2026-01-01T00:00:00Z' }],
  ] as const;
  for (const [method, path, sent] of asked)
    expect((await api.request(method, path, sent, { key })).status, `${method} ${path}`).toBe(404);
});

test('a key without the scope is refused', async () => {
  const key = await api.key({ scopes: ['notifications:write'] });
  expect((await api.request('GET', PATH, undefined, { key })).body).toMatchObject({
    status: 403,
    code: 'forbidden',
  });
});

test('a replay makes every event of the range due again for this endpoint, and the list of deliveries pages through them', async () => {
  const { body } = await create({ event_types: ['notification.sent'] });
  for (let k = 0; k < 3; k++)
    await api.db.sql`
      insert into events (id, app_id, environment, type, data, created_at)
      values (${randomUUID()}, ${api.appId}, 'live', ${k < 2 ? 'notification.sent' : 'notification.dead'}, '{}', '2026-05-05T10:00:00Z')`;
  const replay = (from: string, to: string) => api.request('POST', `${PATH}/${body.id}/replay`, { from, to });
  expect((await replay('2026-05-05T00:00:00Z', '2026-05-06T00:00:00Z')).body).toEqual({ events: 2 });
  expect((await replay('2026-05-06T00:00:00Z', '2026-05-07T00:00:00Z')).body).toEqual({ events: 0 });
  expect((await replay('2026-05-07T00:00:00Z', '2026-05-06T00:00:00Z')).status).toBe(422);
  await api.db
    .sql`update event_deliveries set state = 'delivered', next_try_at = null, tries = 1 where endpoint_id = ${body.id}`;
  expect((await replay('2026-05-05T00:00:00Z', '2026-05-06T00:00:00Z')).body).toEqual({ events: 2 });
  const first = await api.request('GET', `${PATH}/${body.id}/deliveries?limit=1`);
  expect(first.body.data).toMatchObject([{ status: 'pending', tries: 0, type: 'notification.sent' }]);
  const second = await api.request(
    'GET',
    `${PATH}/${body.id}/deliveries?limit=1&cursor=${first.body.next_cursor}`,
  );
  expect(second.body.data[0].event_id).not.toBe(first.body.data[0].event_id);
  expect(second.body.next_cursor).toBeNull();
});

test('a replay to a disabled endpoint is refused with the remedy', async () => {
  const { body } = await create();
  const at = `${PATH}/${body.id}`;
  const replay = () => api.request('POST', `${at}/replay`, { from: '2026-05-05T00:00:00Z' });
  const { body: disabled } = await api.request('PATCH', at, { enabled: false });
  const refused = await replay();
  expect(refused.body).toMatchObject({ status: 409, code: 'invalid_state' });
  expect(refused.body.detail).toContain('{"enabled": true}');
  expect(refused.body.detail).toContain(disabled.disabled_at);
  expect(await api.db.sql`select from event_deliveries where endpoint_id = ${body.id}`).toEqual([]);
  await api.request('PATCH', at, { enabled: true });
  expect((await replay()).status).toBe(202);
});

test('who may only read endpoints sees where events go and no token of the URL, and changes nothing', async () => {
  const { body } = await create({ url: 'https://customer.example/T0/hidden-token?token=hidden-token' });
  const key = await api.key({ scopes: ['webhooks:read'] });
  const read = await api.request('GET', `${PATH}/${body.id}`, undefined, { key });
  expect([read.status, read.body.url]).toEqual([200, 'https://customer.example/...']);
  const list = await api.request('GET', PATH, undefined, { key });
  expect(JSON.stringify(list.body)).not.toContain('hidden-token');
  expect((await api.request('GET', `${PATH}/${body.id}/deliveries`, undefined, { key })).status).toBe(200);
  for (const [method, path, given] of [
    ['PATCH', '', { enabled: false }],
    ['DELETE', '', undefined],
    ['POST', '/rotate-secret', undefined],
    ['POST', '/replay', { from: '2026-11-01T00:00:00Z' }],
  ] as const)
    expect((await api.request(method, `${PATH}/${body.id}${path}`, given, { key })).status).toBe(403);
});
