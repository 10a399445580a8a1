import { DELIVERY_POLICIES } from '@carillon/core/notification/delivery-policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const at = (name: string) => `/v1/categories/${encodeURIComponent(name)}`;
const put = (name: string, body: unknown, key?: string) =>
  api.request('PUT', at(name), body, key === undefined ? {} : { key });
const get = (name: string) => api.request('GET', at(name));
const auditOf = (name: string) =>
  api.db.sql<{ action: string; actor: string; app_id: string; detail: object }[]>`
    select action, actor, app_id, detail from audit_log where subject = ${`category:${name}`} order by id`;

describe('PUT /v1/categories/{name}', () => {
  test('creates, replaces completely, and distinguishes both from no change', async () => {
    const first = await put('billing', {
      delivery_policy: 'at_most_once',
      resolve_within_seconds: 900,
      backoff_seconds: [5, 30, 120],
    });
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      name: 'billing',
      delivery_policy: 'at_most_once',
      resolve_within_seconds: 900,
      backoff_seconds: [5, 30, 120],
      unsubscribable: false,
      track_opens: false,
      track_clicks: false,
      secret: false,
      titles: {},
      descriptions: {},
      default: true,
      lock: false,
      updated_at: expect.any(String),
    });
    const { name: _, updated_at: __, ...same } = first.body;
    const second = await put('billing', same);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);

    const replaced = await put('billing', { delivery_policy: 'ask' });
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({
      delivery_policy: 'ask',
      resolve_within_seconds: null,
      backoff_seconds: null,
    });
    expect((await get('billing')).body).toEqual(replaced.body);
  });

  test('takes secret, shows it, and an unchanged one is no change', async () => {
    const body = { delivery_policy: 'resolve', secret: true };
    expect((await put('otp', body)).body).toMatchObject({ secret: true });
    const again = await put('otp', body);
    expect([again.status, again.body.secret]).toEqual([200, true]);
    expect((await put('otp', { delivery_policy: 'resolve' })).body).toMatchObject({ secret: false });
    expect(await auditOf('otp')).toMatchObject([{ detail: { secret: true } }, { detail: { secret: false } }]);
  });

  test.each(DELIVERY_POLICIES)('takes the policy %s', async (policy) => {
    expect((await put(`by-${policy}`, { delivery_policy: policy })).status).toBe(201);
    expect((await get(`by-${policy}`)).body.delivery_policy).toBe(policy);
  });

  test('takes * as the default of the app, however the path spells it', async () => {
    expect((await api.request('PUT', '/v1/categories/*', { delivery_policy: 'ask' })).status).toBe(201);
    expect((await api.request('GET', '/v1/categories/%2A')).body).toMatchObject({ name: '*' });
    const [row] = await api.db.sql`select delivery_policy from categories where name = '*'`;
    expect(row).toEqual({ delivery_policy: 'ask' });
  });

  test('writes one audit row for each change, with what it was set to', async () => {
    await put('audited', { delivery_policy: 'ask', backoff_seconds: [7] });
    await put('audited', { delivery_policy: 'ask', backoff_seconds: [7] });
    await put('audited', { delivery_policy: 'resolve' });
    expect(await auditOf('audited')).toMatchObject([
      {
        action: 'category.put',
        actor: expect.stringMatching(/^key:[0-9a-f]{12}$/),
        app_id: api.appId,
        detail: { environment: 'live', delivery_policy: 'ask', backoff_seconds: [7] },
      },
      { action: 'category.put', detail: { delivery_policy: 'resolve', backoff_seconds: null } },
    ]);
  });

  test('many times at once leaves one category and one first', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        put('crowd', { delivery_policy: 'ask', resolve_within_seconds: n + 1 }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(await auditOf('crowd')).toHaveLength(8);
  });

  const policy = { delivery_policy: 'ask' };
  test.each<[string, unknown, string]>([
    ['no policy', {}, 'delivery_policy'],
    ['an unknown policy', { delivery_policy: 'exactly_once' }, 'delivery_policy'],
    ['an unknown field', { ...policy, retries: 3 }, 'retries'],
    ['no time to resolve', { ...policy, resolve_within_seconds: 0 }, 'resolve_within_seconds'],
    ['more than a day to resolve', { ...policy, resolve_within_seconds: 86_401 }, 'resolve_within_seconds'],
    ['half a second to resolve', { ...policy, resolve_within_seconds: 0.5 }, 'resolve_within_seconds'],
    ['no waits', { ...policy, backoff_seconds: [] }, 'backoff_seconds'],
    ['too many waits', { ...policy, backoff_seconds: Array(21).fill(1) }, 'backoff_seconds'],
    ['a wait of nothing', { ...policy, backoff_seconds: [1, 0] }, 'backoff_seconds.1'],
    ['a wait of more than a day', { ...policy, backoff_seconds: [86_401] }, 'backoff_seconds.0'],
    ['a secret that is none', { ...policy, secret: 'yes' }, 'secret'],
    ['a flag that is none', { ...policy, track_opens: 'yes' }, 'track_opens'],
    ['a title in no language', { ...policy, titles: { english: 'News' } }, 'titles'],
    ['a language twice', { ...policy, titles: { de: 'A', DE: 'B' } }, 'titles'],
    ['an empty title', { ...policy, titles: { en: ' ' } }, 'titles.en'],
    ['a title of two lines', { ...policy, titles: { en: 'a\nb' } }, 'titles.en'],
    ['too long a description', { ...policy, descriptions: { en: 'x'.repeat(501) } }, 'descriptions.en'],
    ['a lock that can be unsubscribed from', { ...policy, lock: true, unsubscribable: true }, 'lock'],
    ['a lock on what is off', { ...policy, lock: true, default: false }, 'default'],
    ['a wait that is no number', { ...policy, backoff_seconds: ['1'] }, 'backoff_seconds.0'],
  ])('refuses %s, naming the path, and stores nothing', async (_, body, path) => {
    const answer = await put('refused', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    expect((await get('refused')).status).toBe(404);
  });

  test('takes the bounds themselves', async () => {
    const body = {
      delivery_policy: 'ask',
      resolve_within_seconds: 86_400,
      backoff_seconds: Array(20).fill(86_400),
    };
    expect((await put('bounds', body)).body).toMatchObject(body);
    expect((await put('x'.repeat(64), policy)).status).toBe(201);
    expect((await put('x'.repeat(65), policy)).status).toBe(422);
  });

  test.each(['unsubscribable', 'track_opens', 'track_clicks'])(
    '%s is off unless wanted, and off again when left out',
    async (flag) => {
      const name = `with-${flag}`;
      expect((await put(name, policy)).body[flag]).toBe(false);
      const on = await put(name, { ...policy, [flag]: true });
      expect(on.body).toMatchObject({
        unsubscribable: false,
        track_opens: false,
        track_clicks: false,
        [flag]: true,
      });
      expect((await get(name)).body).toEqual(on.body);
      const [row] = await api.db.sql`select * from categories where name = ${name}`;
      expect(row).toMatchObject({ [flag]: true });
      expect((await put(name, policy)).body[flag]).toBe(false);
      expect(await auditOf(name)).toHaveLength(3);
    },
  );
});

test('DELETE forgets a category; a second time is answered 204 too and leaves no trace', async () => {
  await put('gone', { delivery_policy: 'ask' });
  expect((await api.request('DELETE', at('gone'))).status).toBe(204);
  expect((await api.request('DELETE', at('gone'))).status).toBe(204);
  const answer = await get('gone');
  expect(answer.status).toBe(404);
  expect(answer.body).toMatchObject({
    code: 'not_found',
    detail: expect.stringContaining('GET /v1/categories'),
  });
  expect((await auditOf('gone')).map(({ action }) => action)).toEqual(['category.put', 'category.delete']);
});

test('GET /v1/categories pages by name without gaps or repeats', async () => {
  const key = await api.key({ environment: 'test' });
  for (const name of ['orders', '*', 'Zeta', 'ä', 'alpha']) await put(name, { delivery_policy: 'ask' }, key);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await api.request('GET', `/v1/categories?limit=2${query}`, undefined, { key });
    expect(page.status).toBe(200);
    for (const item of page.body.data) {
      expect(item).toMatchObject({ delivery_policy: 'ask', backoff_seconds: null });
      seen.push(item.name);
    }
    cursor = page.body.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(['*', 'alpha', 'orders', 'zeta', 'ä']);
});

describe('a foreign category is not there', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('for %s', async (who) => {
    await put('mine', { delivery_policy: 'at_most_once' });
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const key =
      who === 'another app'
        ? await api.key({ appId: other.id })
        : who === 'the other environment'
          ? await api.key({ environment: 'test' })
          : await api.key({ scopes: ['notifications:write', 'notifications:read', 'templates:*'] });
    const scopeless = who === 'a key without the scope';
    const seen = await api.request('GET', at('mine'), undefined, { key });
    expect(seen.status).toBe(scopeless ? 403 : 404);
    const list = await api.request('GET', '/v1/categories', undefined, { key });
    if (scopeless) expect(list.status).toBe(403);
    else expect(list.body.data.map((item: { name: string }) => item.name)).not.toContain('mine');

    expect((await put('mine', { delivery_policy: 'at_least_once' }, key)).status).toBe(scopeless ? 403 : 201);
    expect((await api.request('DELETE', at('mine'), undefined, { key })).status).toBe(scopeless ? 403 : 204);
    expect((await get('mine')).body.delivery_policy).toBe('at_most_once');
  });
});

describe('what people see', () => {
  test('titles and descriptions by locale, default and lock are stored and come back', async () => {
    const body = {
      ...{ delivery_policy: 'resolve', unsubscribable: true, default: false },
      titles: { en: 'Special offers', de: 'Angebote', ar: 'عروض' },
      descriptions: { en: 'At most two a month.' },
    };
    const stored = await put('offers', body);
    expect(stored.body).toMatchObject({ ...body, lock: false });
    expect((await get('offers')).body).toEqual(stored.body);
    expect((await put('terms', { delivery_policy: 'resolve', lock: true })).body).toMatchObject({
      lock: true,
    });
    expect(await auditOf('offers')).toMatchObject([{ detail: { titles: body.titles, default: false } }]);
  });
});

describe('two people who change the same category', () => {
  const putIf = (tag: string | null, body: unknown) =>
    api.request('PUT', at('shared'), body, { headers: { 'if-match': tag! } });
  const ask = { delivery_policy: 'ask' };

  test('the second sees what the first made of it, and overwrites nothing', async () => {
    await put('shared', ask);
    const tag = (await get('shared')).headers.get('etag');
    const first = await putIf(tag, { ...ask, titles: { en: 'First' } });
    expect(first.status).toBe(200);
    const second = await putIf(tag, { ...ask, titles: { en: 'Second' } });
    expect([second.status, second.body]).toMatchObject([
      409,
      { code: 'conflict', current: { name: 'shared', titles: { en: 'First' } } },
    ]);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    // The same again, because the answer was lost, is no conflict.
    expect((await putIf(tag, { ...ask, titles: { en: 'First' } })).status).toBe(200);
    expect(await auditOf('shared')).toHaveLength(2);
  });

  test('at the same moment one of them wins', async () => {
    const tag = (await get('shared')).headers.get('etag');
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => putIf(tag, { ...ask, titles: { en: `By ${n}` } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  test('what is gone is no base of a change', async () => {
    const tag = (await get('shared')).headers.get('etag');
    await api.request('DELETE', at('shared'));
    const answer = await putIf(tag, ask);
    expect([answer.status, answer.body.code, answer.body.current]).toEqual([409, 'conflict', undefined]);
  });
});

test('categories:read reads, categories:* writes, admin does both', async () => {
  const as = async (scope: 'categories:read' | 'categories:*' | 'admin') => {
    const key = await api.key({ scopes: [scope] });
    return [
      (await api.request('GET', '/v1/categories', undefined, { key })).status,
      (await put('scoped', { delivery_policy: 'ask' }, key)).status,
      (await api.request('DELETE', at('scoped'), undefined, { key })).status,
    ];
  };
  expect(await as('categories:read')).toEqual([200, 403, 403]);
  expect(await as('categories:*')).toEqual([200, 201, 204]);
  expect(await as('admin')).toEqual([200, 201, 204]);
});
