import { randomUUID } from 'node:crypto';
import { erasedId } from '@carillon/core/recipient/erased-id';
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
  await api.close();
  await database.drop();
});

const at = (id: string) => `/v1/recipients/${id}`;
const put = (id: string, body: object) => api.request('PUT', at(id), body);
const get = async (id: string) => (await api.request('GET', at(id))).body;
const send = (to: object, text: string) =>
  api.request('POST', '/v1/notifications', {
    to,
    channel: 'email',
    content: { subject: 'Hello', text },
    idempotency_key: randomUUID(),
  });
const disable = (id: string, reason = '5 soft bounces in a row') =>
  api.db.sql`
    update contact_points set disabled_at = now(), disabled_reason = ${reason}, soft_bounces = 5
    where recipient_id = ${id}`;

test('a recipient shows by which channels they can be reached, and what stands in the way', async () => {
  await put('reach', { email: 'reach@example.com', phone: '+14155552671' });
  await api.request('POST', `${at('reach')}/devices`, { fcm_token: 'token-of-reach' });
  expect((await get('reach')).reachability).toEqual({
    email: 'reachable',
    sms: 'reachable',
    push: 'reachable',
    in_app: 'reachable',
  });
  await api.request('POST', '/v1/suppressions', {
    channel: 'email',
    address: 'REACH@example.com',
    reason: 'complaint',
  });
  await api.db
    .sql`update contact_points set disabled_at = now() where recipient_id = 'reach' and kind = 'fcm'`;
  await api.request('PUT', `${at('reach')}/preferences`, { channels: { sms: false } });
  const body = await get('reach');
  expect(body.reachability).toEqual({
    email: 'suppressed',
    sms: 'opted_out',
    push: 'disabled',
    in_app: 'reachable',
  });
  const point = body.contact_points.find(({ kind }: { kind: string }) => kind === 'email');
  expect(body.suppressions).toEqual([
    expect.objectContaining({ channel: 'email', reason: 'complaint', contact_point_id: point.id }),
  ]);
});

test('a disabled contact point is enabled again with a reason, once, and can be used', async () => {
  await put('enabled', { email: 'enabled@example.com' });
  await disable('enabled');
  const [point] = (await get('enabled')).contact_points;
  expect(point).toMatchObject({ disabled_reason: '5 soft bounces in a row' });
  const path = `${at('enabled')}/contact-points/${point.id}/enable`;
  const answer = await api.request('POST', path, { reason: 'ticket 9' });
  expect([answer.status, answer.body.disabled_at, answer.body.disabled_reason]).toEqual([200, null, null]);
  expect((await api.request('POST', path)).status).toBe(200);
  expect((await get('enabled')).reachability.email).toBe('reachable');
  const rows = await api.db.sql`
    select action, detail from audit_log where subject = ${`contact_point:${point.id}`}`;
  expect([...rows]).toEqual([
    { action: 'contact_point.enable', detail: { environment: 'live', kind: 'email', reason: 'ticket 9' } },
  ]);
  const [row] = await api.db.sql`select soft_bounces from contact_points where id = ${point.id}`;
  expect(row).toEqual({ soft_bounces: 0 });
});

test('a contact point is enabled for its own recipient and app only', async () => {
  await put('mine', { email: 'mine@example.com' });
  await put('yours', { email: 'yours@example.com' });
  await disable('mine');
  const [point] = (await get('mine')).contact_points;
  const path = `/contact-points/${point.id}/enable`;
  const other = await api.request('POST', `${at('yours')}${path}`);
  expect([other.status, other.body.detail]).toEqual([404, expect.stringContaining('no contact point')]);
  expect((await api.request('POST', `${at('nobody')}${path}`)).status).toBe(404);
  const [app] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
  const stranger = await api.key({ appId: app.id });
  expect((await api.request('POST', `${at('mine')}${path}`, undefined, { key: stranger })).status).toBe(404);
  const reader = await api.key({ scopes: ['recipients:*', 'suppressions:read'] });
  expect((await api.request('POST', `${at('mine')}${path}`, undefined, { key: reader })).status).toBe(403);
  expect((await get('mine')).contact_points[0].disabled_at).not.toBeNull();
});

test('an export holds everything about a person: addresses, wishes, messages, also those to their bare address', async () => {
  await put('ada', { email: 'ada@example.com', locale: 'de', attributes: { plan: 'pro' } });
  await api.request('PUT', `${at('ada')}/preferences`, { categories: { news: false } });
  await api.request('POST', '/v1/suppressions', { channel: 'email', address: 'ada@example.com' });
  const named = await send({ recipient_id: 'ada' }, 'to ada by her id');
  const bare = await send({ email: 'Ada@example.com' }, 'to her address');
  await send({ email: 'somebody@example.com' }, 'to somebody else');
  await api.db.sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body)
    values (${randomUUID()}, ${api.appId}, 'live', 'ada', 'In-app', 'A private line')`;
  const { status, body } = await api.request('GET', `${at('ada')}/export`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    recipient: { recipient_id: 'ada', email: 'ada@example.com', attributes: { plan: 'pro' } },
    preferences: { categories: { news: false } },
    suppressions: [{ channel: 'email', reason: 'manual' }],
    content_included: true,
    inbox: [{ title: 'In-app', body: 'A private line' }],
    next_cursor: null,
  });
  expect(body.notifications.map(({ id }: { id: string }) => id)).toEqual([bare.body.id, named.body.id]);
  expect(body.notifications[1]).toMatchObject({
    content: { text: 'to ada by her id' },
    timeline: [{ status: 'pending' }],
  });
});

test('without the scope content:read an export has no texts, and says so', async () => {
  await put('bo', { email: 'bo@example.com' });
  await send({ recipient_id: 'bo' }, 'a secret line');
  const key = await api.key({ scopes: ['recipients:read'] });
  const { body } = await api.request('GET', `${at('bo')}/export`, undefined, { key });
  expect(body).toMatchObject({ content_included: false, notifications: [{ content: null, data: null }] });
  expect(JSON.stringify(body)).not.toContain('a secret line');
});

test('an export is audited without naming the person', async () => {
  await put('cy', { email: 'cy@example.com' });
  await api.request('GET', `${at('cy')}/export`);
  const subject = `recipient:${erasedId(api.appId, 'live', 'cy')}`;
  const rows = await api.db.sql`select action, detail from audit_log where subject = ${subject}`;
  expect([...rows]).toEqual([
    { action: 'recipient.export', detail: { environment: 'live', notifications: 0, content: true } },
  ]);
  expect((await api.request('GET', `${at('nobody-here')}/export`)).status).toBe(404);
});

test('an export of many messages goes on by its cursor, without gaps or repeats', async () => {
  await put('many', { email: 'many@example.com' });
  const made: string[] = [];
  for (let n = 0; n < 3; n++)
    made.push(
      (await send(n === 1 ? { email: 'many@example.com' } : { recipient_id: 'many' }, `n ${n}`)).body.id,
    );
  const { readHeldNotifications } = await import('@carillon/db/recipients/read-held');
  const seen: string[] = [];
  const tenant = { appId: api.appId, environment: 'live' } as const;
  let before: { createdAt: string; id: string } | undefined;
  do {
    const page = await readHeldNotifications(api.db.sql, tenant, 'many', before, 1);
    seen.push(...page.notifications.map(({ notification }) => notification.id));
    before = page.next ?? undefined;
  } while (before !== undefined);
  expect(seen).toEqual(made.reverse());
});

test('recipients are found by an attribute, and the list comes as a file', async () => {
  const [app] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('files') returning id`;
  const key = await api.key({ appId: app.id });
  const make = (id: string, body: object) => api.request('PUT', at(id), body, { key });
  await make('a', { email: 'a@example.com', phone: '+14155552671', attributes: { plan: 'pro', seats: 3 } });
  await make('b', { email: 'b@example.com', attributes: { plan: 'free' } });
  const found = async (attribute: string) => {
    const query = new URLSearchParams({ attribute });
    const { body } = await api.request('GET', `/v1/recipients?${query}`, undefined, { key });
    return (
      body.data?.map(({ recipient_id }: { recipient_id: string }) => recipient_id) ?? body.errors[0].path
    );
  };
  expect(await found('plan=pro')).toEqual(['a']);
  expect(await found('seats=3')).toEqual(['a']);
  expect(await found('plan=gold')).toEqual([]);
  expect(await found('plan')).toBe('attribute');
  const response = await api.app.request('/v1/recipients?format=csv', {
    headers: { authorization: `Bearer ${key}` },
  });
  const [head, first] = (await response.text()).split('\r\n');
  expect(head).toBe('id,email,phone,locale,time_zone,devices,disabled,attributes,created_at,updated_at');
  expect(first).toMatch(/^a,a@example\.com,'\+14155552671,,,0,0,"\{""plan"":""pro"",""seats"":3\}",/);
});
