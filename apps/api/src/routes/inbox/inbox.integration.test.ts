import { randomUUID } from 'node:crypto';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { endSnoozes } from '@carillon/db/inbox/change-messages';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { deliverInApp, insertRecipient } from '../../../../../test/support/inbox-rows.ts';
import { until } from '../../../../../test/support/until.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { ENCRYPTION_KEYS: KEYS, WEBHOOKS_ALLOW_PRIVATE: 'true' } });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

let owner: InboxOwner;
let token: string;
beforeEach(async () => {
  owner = await insertRecipient(api.db.sql, api.appId, `user_${randomUUID()}`);
  token = await tokenOf(owner);
});

async function tokenOf({ recipientId }: InboxOwner, body: object = {}): Promise<string> {
  const made = await api.request('POST', `/v1/recipients/${recipientId}/tokens`, body);
  expect(made.status).toBe(201);
  return made.body.token;
}

const call = (method: string, path: string, body?: unknown, key: string | null = token) =>
  api.request(method, path, body, { key });
const titles = (answer: { body: { data: { title: string }[] } }) =>
  answer.body.data.map(({ title }) => title);
const deliver = (title: string, category: string | null = null) =>
  deliverInApp(api.db.sql, owner, { title, category });

describe('the list', () => {
  test('shows the newest first, page by page, each message once', async () => {
    for (const title of ['one', 'two', 'three', 'four', 'five']) await deliver(title);
    const first = await call('GET', '/v1/inbox?limit=2');
    expect(titles(first)).toEqual(['five', 'four']);
    const second = await call('GET', `/v1/inbox?limit=2&cursor=${first.body.next_cursor}`);
    expect(titles(second)).toEqual(['three', 'two']);
    const third = await call('GET', `/v1/inbox?limit=2&cursor=${second.body.next_cursor}`);
    expect(titles(third)).toEqual(['one']);
    expect(third.body).toMatchObject({ next_cursor: null, unread_count: 5, unseen_count: 5 });
  });

  test('counts and filters follow what the person does', async () => {
    const [a, b, c] = [await deliver('a', 'orders'), await deliver('b', 'orders'), await deliver('c')];
    await call('POST', `/v1/inbox/${a}/seen`);
    await call('POST', `/v1/inbox/${b}/read`);
    await call('POST', `/v1/inbox/${c}/archive`);
    const all = await call('GET', '/v1/inbox');
    expect(titles(all)).toEqual(['b', 'a']);
    expect(all.body).toMatchObject({ unread_count: 1, unseen_count: 0 });
    expect(titles(await call('GET', '/v1/inbox?status=unread'))).toEqual(['a']);
    expect(titles(await call('GET', '/v1/inbox?status=unseen'))).toEqual([]);
    expect(titles(await call('GET', '/v1/inbox?status=read'))).toEqual(['b']);
    expect(titles(await call('GET', '/v1/inbox?status=archived'))).toEqual(['c']);
    expect(titles(await call('GET', '/v1/inbox?category=Orders'))).toEqual(['b', 'a']);
    await call('POST', `/v1/inbox/${c}/unarchive`);
    await call('POST', `/v1/inbox/${b}/unread`);
    expect((await call('GET', '/v1/inbox')).body).toMatchObject({ unread_count: 3, unseen_count: 1 });
  });

  test('is the same by API key, without the texts where the key may not read them', async () => {
    await deliver('hello');
    const path = `/v1/recipients/${owner.recipientId}/inbox`;
    expect(titles(await api.request('GET', path))).toEqual(['hello']);
    const key = await api.key({ scopes: ['recipients:read'] });
    const shown = await call('GET', path, undefined, key);
    expect(shown.body.data[0]).toMatchObject({ title: null, body: null, read_at: null });
    expect((await call('POST', `${path}/read-all`, undefined, key)).status).toBe(403);
    expect((await api.request('POST', `${path}/read-all`)).body).toMatchObject({
      changed: 1,
      unread_count: 0,
    });
  });
});

describe('an action', () => {
  test('that is repeated changes nothing, not even the number', async () => {
    const id = await deliver('once');
    const first = await call('POST', `/v1/inbox/${id}/read`);
    const again = await call('POST', `/v1/inbox/${id}/read`);
    expect(first.status).toBe(200);
    expect(first.body.seen_at).not.toBeNull();
    expect(again.body).toEqual(first.body);
    expect((await call('GET', '/v1/inbox')).body.sequence).toBe(first.body.sequence);
  });

  test('on a message of another person, app or environment finds nothing, in the words for one that never was', async () => {
    const other = await insertRecipient(api.db.sql, api.appId, `other_${randomUUID()}`);
    const theirs = await deliverInApp(api.db.sql, other, {});
    const never = randomUUID();
    const [one, two] = [
      await call('POST', `/v1/inbox/${theirs}/read`),
      await call('POST', `/v1/inbox/${never}/read`),
    ];
    expect(one.status).toBe(404);
    expect(one.body.detail.replace(theirs, never)).toBe(two.body.detail);
    expect((await call('POST', '/v1/inbox/nothing/read')).status).toBe(422);
    expect(await api.db.sql`select read_at from inbox_messages where notification_id = ${theirs}`).toEqual([
      { read_at: null },
    ]);
  });

  test('on everything leaves out what arrived after the number that the person was shown', async () => {
    await deliver('shown');
    const { sequence } = (await call('GET', '/v1/inbox')).body;
    await deliver('not shown');
    const marked = await call('POST', `/v1/inbox/read-all?up_to=${sequence}`);
    expect(marked.body).toMatchObject({ changed: 1, unread_count: 1, unseen_count: 1 });
    expect(titles(await call('GET', '/v1/inbox?status=unread'))).toEqual(['not shown']);
    expect((await call('POST', '/v1/inbox/seen-all?category=orders')).body.changed).toBe(0);
    expect((await call('POST', '/v1/inbox/seen-all')).body).toMatchObject({ changed: 1, unread_count: 1 });
  });

  test('on everything reaches thousands of messages', async () => {
    const { appId, environment, recipientId } = owner;
    await api.db.sql`
      insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body)
      select gen_random_uuid(), ${appId}, ${environment}, ${recipientId}, 'bulk', 'bulk' from generate_series(1, 1200)`;
    const marked = await call('POST', '/v1/inbox/read-all');
    expect(marked.body).toMatchObject({ changed: 1200, unread_count: 0, unseen_count: 0 });
  });
});

describe('a snooze', () => {
  test('hides a message until its time, then it is unread, unseen and first', async () => {
    const old = await deliver('old');
    await deliver('new');
    await call('POST', `/v1/inbox/${old}/read`);
    const at = new Date(Date.now() + 3600_000).toISOString();
    const snoozed = await call('POST', `/v1/inbox/${old}/snooze`, { until: at });
    expect(snoozed.body.snoozed_until).toBe(at);
    expect(titles(await call('GET', '/v1/inbox'))).toEqual(['new']);
    expect(titles(await call('GET', '/v1/inbox?status=snoozed'))).toEqual(['old']);
    expect(await endSnoozes(api.db.sql, 100)).toEqual([]);
    await api.db.sql`update inbox_messages set snoozed_until = now() where notification_id = ${old}`;
    await until('the snooze to end', async () => (await endSnoozes(api.db.sql, 100)).length === 1);
    const list = await call('GET', '/v1/inbox');
    expect(titles(list)).toEqual(['old', 'new']);
    expect(list.body).toMatchObject({ unread_count: 2, unseen_count: 2 });
    expect(list.body.data[0].sequence).toBeGreaterThan(snoozed.body.sequence);
  });

  test('ends at once by null, and takes a message out of the archive', async () => {
    const id = await deliver('mine');
    await call('POST', `/v1/inbox/${id}/archive`);
    const until = new Date(Date.now() + 60_000).toISOString();
    expect((await call('POST', `/v1/inbox/${id}/snooze`, { until })).body.archived_at).toBeNull();
    expect((await call('POST', `/v1/inbox/${id}/snooze`, { until: null })).body.snoozed_until).toBeNull();
    expect(titles(await call('GET', '/v1/inbox'))).toEqual(['mine']);
  });

  test.each([['2001-01-01T00:00:00Z'], ['2999-01-01T00:00:00Z'], ['tomorrow'], [5]])(
    'until %j is refused with its reason',
    async (until) => {
      const id = await deliver('mine');
      const { status, body } = await call('POST', `/v1/inbox/${id}/snooze`, { until });
      expect(status).toBe(422);
      expect(body.errors[0].path).toBe('until');
    },
  );
});

describe('seen and read', () => {
  test('are receipts: once each in the timeline, and an event each', async () => {
    const { sql } = api.db;
    const made = await api.request('POST', '/v1/webhook-endpoints', { url: 'http://127.0.0.1:9/events' });
    expect(made.status).toBe(201);
    const id = await deliver('hello');
    for (const action of ['seen', 'read', 'unread', 'read']) await call('POST', `/v1/inbox/${id}/${action}`);
    const events = await sql`
      select type, data ->> 'recipient_id' as who from events where notification_id = ${id} and type <> 'notification.delivered'`;
    expect(events.map(({ type }) => type).sort()).toEqual(['notification.read', 'notification.seen']);
    expect(events[0]!.who).toBe(owner.recipientId);
    const { timeline, status } = (await api.request('GET', `/v1/notifications/${id}`)).body;
    expect(status).toBe('delivered');
    expect(timeline.map((entry: { reason: string }) => entry.reason)).toEqual(
      expect.arrayContaining(['delivered by inbox', 'inbox reported: seen', 'inbox reported: read']),
    );
  });

  test('of everything at once are receipts too', async () => {
    const ids = [await deliver('a'), await deliver('b')];
    await call('POST', '/v1/inbox/read-all');
    const kinds = await api.db.sql`
      select kind, count(*)::int as count from provider_logs where notification_id = any (${ids}::uuid[])
      group by kind order by kind`;
    expect(kinds).toEqual([
      { kind: 'read', count: 2 },
      { kind: 'seen', count: 2 },
    ]);
  });
});

describe('a token', () => {
  test('that is altered, expired, of another kind or missing is refused in the same words', async () => {
    const expired = await tokenOf(owner, { ttl_seconds: 60 });
    const [payload = '', mac = ''] = expired.slice(4).split('.');
    const { until: _, ...rest } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const altered = `crt_${Buffer.from(JSON.stringify({ ...rest, until: 9e15 })).toString('base64url')}.${mac}`;
    const answers = await Promise.all(
      [altered, `${token}x`, 'crt_x', await api.key(), null].map((key) =>
        call('GET', '/v1/inbox', undefined, key),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1);
    expect((await call('GET', '/v1/notifications')).status).toBe(401);
  });

  test('opens nothing after its recipient was erased, nor the inbox of a new one of the same id', async () => {
    await api.request('DELETE', `/v1/recipients/${owner.recipientId}`);
    const gone = await until('the token to be refused', async () => {
      const answer = await call('GET', '/v1/inbox');
      return [401, 404].includes(answer.status) ? answer : null;
    });
    expect(gone.body.data).toBeUndefined();
    await insertRecipient(api.db.sql, api.appId, owner.recipientId);
    await deliver('for the new person');
    await until('the old token to be refused', async () => (await call('GET', '/v1/inbox')).status === 401);
    expect(titles(await call('GET', '/v1/inbox', undefined, await tokenOf(owner)))).toHaveLength(1);
  });

  test('opens only what it was made for', async () => {
    const inbox = await tokenOf(owner, { scopes: ['inbox'] });
    const preferences = await tokenOf(owner, { scopes: ['preferences'] });
    expect((await call('GET', '/v1/my/preferences', undefined, inbox)).status).toBe(403);
    expect((await call('GET', '/v1/inbox', undefined, preferences)).status).toBe(403);
    expect((await call('GET', '/v1/my/preferences', undefined, preferences)).status).toBe(200);
  });

  test.each([
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['everything'] }, 'scopes.0'],
    [{ ttl_seconds: 59 }, 'ttl_seconds'],
    [{ ttl_seconds: 86_401 }, 'ttl_seconds'],
    [{ ttl: 60 }, 'ttl'],
  ])('asked for with %j is refused', async (body, path) => {
    const answer = await api.request('POST', `/v1/recipients/${owner.recipientId}/tokens`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect((await api.request('POST', '/v1/recipients/nobody/tokens', {})).status).toBe(404);
  });
});

describe('web pages', () => {
  const from = (origin: string, method = 'GET', headers: Record<string, string> = {}) =>
    api.request(method, '/v1/inbox', undefined, {
      key: method === 'OPTIONS' ? null : token,
      headers: { origin, ...headers },
    });
  const allowed = ({ headers }: { headers: Headers }) => headers.get('access-control-allow-origin');

  test('of an allowed origin may use a token, those of any other may not', async () => {
    const key = await api.key({ scopes: ['admin', 'installation'] });
    const origin = `https://${randomUUID()}.example`;
    expect((await from(origin)).status).toBe(403);
    const changed = await call('PATCH', `/v1/apps/${api.appId}`, { allowed_origins: [origin] }, key);
    expect(changed.body.allowed_origins).toEqual([origin]);
    await until('the origin to be allowed', async () => (await from(origin)).status === 200);
    const answer = await from(origin);
    expect(allowed(answer)).toBe(origin);
    expect(answer.headers.get('vary')).toContain('Origin');
    const ask = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await from(origin, 'OPTIONS', ask);
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization/i);
    expect(allowed(await from('https://evil.example', 'OPTIONS', ask))).toBeNull();
    expect(allowed(await from('https://evil.example'))).toBeNull();
    // A problem can be read by the page too.
    const refused = await api.request('GET', '/v1/inbox', undefined, { key: 'crt_x', headers: { origin } });
    expect(allowed(refused)).toBe(origin);
  });

  test('of another app may not use it', async () => {
    const [other] = await api.db.sql`
      insert into apps (name, allowed_origins) values (${randomUUID()}, '{https://other.example}') returning id`;
    expect(other).toBeDefined();
    expect((await from('https://other.example')).status).toBe(403);
  });

  test.each([['https://shop.example/'], ['shop.example'], ['http://shop.example'], ['*'], ['null']])(
    '%j is no origin that can be allowed',
    async (origin) => {
      const key = await api.key({ scopes: ['admin', 'installation'] });
      const { status, body } = await call(
        'PATCH',
        `/v1/apps/${api.appId}`,
        { allowed_origins: [origin] },
        key,
      );
      expect(status).toBe(422);
      expect(body.errors[0].path).toBe('allowed_origins.0');
    },
  );
});

test('a person reads and changes what they get, with the titles of the categories in their language', async () => {
  const made = await api.request('PUT', '/v1/categories/news', {
    delivery_policy: 'resolve',
    unsubscribable: true,
    titles: { en: 'News', de: 'Neuigkeiten' },
  });
  expect(made.status, JSON.stringify(made.body)).toBeLessThan(300);
  const before = await call('GET', '/v1/my/preferences?locale=de');
  expect(before.body.category_list).toContainEqual(
    expect.objectContaining({ name: 'news', title: 'Neuigkeiten', wanted: true, locked: false }),
  );
  const after = await call('PUT', '/v1/my/preferences', { categories: { news: false } });
  expect(after.body.category_list).toContainEqual(
    expect.objectContaining({ name: 'news', title: 'News', wanted: false }),
  );
  const kept = await api.request('GET', `/v1/recipients/${owner.recipientId}/preferences`);
  expect(kept.body.categories).toEqual({ news: false });

  const until = new Date(Date.now() + 86_400_000).toISOString();
  const mixed = await call('PUT', '/v1/my/preferences', {
    categories: { news: { email: false } },
    paused_until: until,
  });
  expect(mixed.body).toMatchObject({ categories: { news: { email: false } }, paused_until: until });
  expect(mixed.body.category_list).toContainEqual(
    expect.objectContaining({
      name: 'news',
      wanted: true,
      channels: { email: false, sms: true, push: true, in_app: true },
    }),
  );
  expect((await api.request('GET', `/v1/recipients/${owner.recipientId}`)).body.paused_until).toBe(until);
  await call('PUT', '/v1/my/preferences', { paused_until: null });
  expect((await api.request('GET', `/v1/recipients/${owner.recipientId}`)).body.paused_until).toBeNull();
});
