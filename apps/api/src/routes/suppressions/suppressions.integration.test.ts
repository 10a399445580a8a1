import { addressHash } from '@carillon/core/recipient/suppression';
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

const using = (key?: string) => (key === undefined ? {} : { key });
const add = (body: unknown, key?: string) => api.request('POST', '/v1/suppressions', body, using(key));
const remove = (body: unknown, key?: string) => api.request('DELETE', '/v1/suppressions', body, using(key));
const ask = (channel: string, address: string, key?: string) => {
  const query = new URLSearchParams({ channel, address });
  return api.request('GET', `/v1/suppressions?${query}`, undefined, using(key));
};
const auditOf = (channel: 'email' | 'sms', address: string) =>
  api.db.sql<{ action: string; actor: string; detail: object }[]>`
    select action, actor, detail from audit_log
    where subject = ${`suppression:${channel}/${addressHash(api.appId, channel, address).toString('hex')}`} order by id`;

test('POST suppresses an address, GET finds it in any spelling, and DELETE lifts it', async () => {
  const created = await add({
    channel: 'email',
    address: 'Ada@Example.com',
    reason: 'complaint',
    detail: 'ticket 7',
  });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    channel: 'email',
    address_hash: addressHash(api.appId, 'email', 'ada@example.com').toString('hex'),
    reason: 'complaint',
    detail: 'ticket 7',
    added_by: expect.stringMatching(/^key:/),
    cause: null,
    created_at: expect.any(String),
  });
  expect((await ask('email', 'ADA@example.COM')).body).toEqual({ data: [created.body], next_cursor: null });
  expect((await ask('email', 'bo@example.com')).body).toEqual({ data: [], next_cursor: null });
  expect((await remove({ channel: 'email', address: 'ada@EXAMPLE.com' })).status).toBe(204);
  expect((await ask('email', 'ada@example.com')).body.data).toEqual([]);
});

test('POST again changes nothing: the first reason stays', async () => {
  const first = await add({ channel: 'sms', address: '+14155552671', reason: 'stop' });
  const again = await add({ channel: 'sms', address: '+14155552671', detail: 'once more' });
  expect(again.status).toBe(200);
  expect(again.body).toEqual(first.body);
});

test('POST many times concurrently creates once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => add({ channel: 'email', address: 'crowd@example.com' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
});

test('no address is stored, and each change leaves one audit row without it', async () => {
  const suppressed = { channel: 'email', address: 'secret@example.com' } as const;
  await add(suppressed);
  await add(suppressed);
  await remove(suppressed);
  await remove(suppressed);
  expect(await auditOf('email', suppressed.address)).toEqual([
    {
      action: 'suppression.add',
      actor: expect.stringMatching(/^key:/),
      detail: { environment: 'live', reason: 'manual' },
    },
    {
      action: 'suppression.remove',
      actor: expect.stringMatching(/^key:/),
      detail: { environment: 'live', was: 'manual' },
    },
  ]);
  await add(suppressed);
  const tables = await api.db
    .sql`select s::text as row from suppressions s union all select a::text from audit_log a`;
  expect(JSON.stringify(tables)).not.toContain('secret');
});

test('GET pages through all of them without gaps or repeats, and by channel', async () => {
  const key = await api.key({ environment: 'test' });
  const wanted: string[] = [];
  for (let n = 0; n < 7; n++) {
    for (const [channel, address] of [
      ['email', `page${n}@example.com`],
      ['push', `token-${n}`],
      ['in_app', `user ${n}`],
    ] as const) {
      await add({ channel, address }, key);
      wanted.push(addressHash(api.appId, channel, address).toString('hex'));
    }
  }
  const walk = async (query: string): Promise<string[]> => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/suppressions?limit=4${query}${cursor && `&cursor=${cursor}`}`;
      const { status, body } = await api.request('GET', path, undefined, { key });
      expect(status).toBe(200);
      seen.push(...body.data.map((item: { address_hash: string }) => item.address_hash));
      cursor = body.next_cursor;
    }
    return seen;
  };
  const seen = await walk('');
  expect(seen).toHaveLength(wanted.length);
  expect(new Set(seen)).toEqual(new Set(wanted));
  expect(await walk('&channel=push')).toHaveLength(7);
});

describe('refused, naming the path, and stored nowhere:', () => {
  test.each<[string, unknown, string]>([
    ['an e-mail address that is none', { channel: 'email', address: 'ada' }, 'address'],
    ['a phone number without a country', { channel: 'sms', address: '0155 1234' }, 'address'],
    ['a token with a space', { channel: 'push', address: 'a b' }, 'address'],
    ['a recipient id with a line break', { channel: 'in_app', address: 'a\nb' }, 'address'],
    ['no address', { channel: 'email' }, 'address'],
    ['no channel', { address: 'ada@example.com' }, 'channel'],
    ['an unknown channel', { channel: 'fax', address: '1' }, 'channel'],
    ['an unknown reason', { channel: 'email', address: 'ada@example.com', reason: 'dislike' }, 'reason'],
    [
      'the reason of an erasure',
      { channel: 'email', address: 'ada@example.com', reason: 'erased' },
      'reason',
    ],
    ['an unknown field', { channel: 'email', address: 'ada@example.com', until: 'monday' }, 'until'],
  ])('%s', async (_, body, path) => {
    const count = async () => (await api.db.sql`select from suppressions`).length;
    const before = await count();
    const answer = await add(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
    expect(await count()).toBe(before);
  });

  test('a query for an address without a channel, and a cursor of another list', async () => {
    for (const [query, path] of [
      ['address=ada@example.com', 'channel'],
      ['channel=email&address=ada', 'address'],
      [`cursor=${Buffer.from('["email","zz"]').toString('base64url')}`, 'cursor'],
    ]) {
      const answer = await api.request('GET', `/v1/suppressions?${query}`);
      expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
    }
  });
});

describe('a suppression is of one app and one environment', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('not of %s', async (who) => {
    const mine = { channel: 'email', address: 'mine@example.com' } as const;
    await add(mine);
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const key =
      who === 'another app'
        ? await api.key({ appId: other.id })
        : who === 'the other environment'
          ? await api.key({ environment: 'test' })
          : await api.key({ scopes: ['recipients:*', 'notifications:write'] });
    const answers = [await ask('email', mine.address, key), await remove(mine, key), await add(mine, key)];
    const scopeless = who === 'a key without the scope';
    expect(answers.map(({ status }) => status)).toEqual(scopeless ? [403, 403, 403] : [200, 204, 201]);
    if (!scopeless) expect(answers[0]!.body.data).toEqual([]);
    expect((await ask('email', mine.address)).body.data).toHaveLength(1);
  });
});
