import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';

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

const pathOf = (id: string) => `/v1/recipients/${encodeURIComponent(id)}/preferences`;
const put = (id: string, body: unknown) => api.request('PUT', pathOf(id), body);
const get = (id: string) => api.request('GET', pathOf(id));
const person = async (): Promise<string> => {
  const id = randomUUID();
  await api.request('PUT', `/v1/recipients/${id}`, {});
  return id;
};

const quiet_hours = { start: '22:00', end: '08:00', time_zone: 'Africa/Lagos' };
const caps = [
  { max: 3, window_seconds: 86_400 },
  { channel: 'sms', category: 'news', max: 1, window_seconds: 1 },
];

test('a recipient without preferences receives everything, at any time', async () => {
  const id = await person();
  const answer = await get(id);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    recipient_id: id,
    channels: { email: true, sms: true, push: true, in_app: true },
    categories: {},
    quiet_hours: null,
    caps: [],
    paused_until: null,
    updated_at: null,
  });
});

describe('quiet hours that change', () => {
  const held = async (recipient: string, sendAt: Date | null): Promise<string> => {
    const until = new Date(Date.now() + 8 * 3_600_000);
    const id = await insertNotification(api.db.sql, {
      appId: api.appId,
      state: 'scheduled',
      sendAt: sendAt ?? until,
      nextAttemptAt: until,
      announced: false,
    });
    await api.db.sql`
      update notifications set recipient_id = ${recipient}, environment = 'live',
        send_at = ${sendAt} where id = ${id}`;
    return id;
  };
  const isDue = async (id: string): Promise<boolean> => {
    const [row] = await api.db.sql<[{ due: boolean }]>`
      select next_attempt_at <= now() and queued_at is not null as due from notifications where id = ${id}`;
    return row.due;
  };
  const announced = async (id: string) =>
    (await api.db.sql`select from outbox where kind = 'delivery.resumed' and ${id} = any (ids)`).length;

  test.each([
    ['are taken away', null],
    ['end earlier', { ...quiet_hours, end: '07:00' }],
    ['hold in another zone', { ...quiet_hours, time_zone: 'Asia/Tokyo' }],
  ])('and %s: notifications they held are due now, those with their own time are not', async (_, changed) => {
    const id = await person();
    await put(id, { quiet_hours });
    const [night, passed, planned] = [
      await held(id, null),
      await held(id, new Date(Date.now() - 60_000)),
      await held(id, new Date(Date.now() + 8 * 3_600_000)),
    ];
    await api.db.sql`update notifications set send_at = next_attempt_at where id = ${planned}`;
    await put(id, { channels: {} });
    await put(id, { quiet_hours });
    expect(await announced(night)).toBe(0);
    expect((await put(id, { quiet_hours: changed })).status).toBe(200);
    expect([await isDue(night), await isDue(passed), await isDue(planned)]).toEqual([true, true, false]);
    expect([await announced(night), await announced(passed), await announced(planned)]).toEqual([1, 1, 0]);
  });

  test('wake any number of messages', async () => {
    const id = await person();
    await put(id, { quiet_hours });
    const first = await held(id, null);
    await api.db.sql`
      insert into notifications (id, app_id, state, environment, priority, channel, route, recipient_id, content,
        idempotency_key, request_hash, next_attempt_at)
      select gen_random_uuid(), app_id, state, environment, priority, channel, route, recipient_id, content,
        gen_random_uuid()::text, request_hash, next_attempt_at
      from notifications, generate_series(1, 1100) where id = ${first}`;
    await put(id, { quiet_hours: null });
    const [row] = await api.db.sql`
      select sum(cardinality(ids))::int as ids, max(cardinality(ids)) as most from outbox
      where ids && array(select id from notifications where recipient_id = ${id})`;
    expect(row).toEqual({ ids: 1101, most: 100 });
  });
});

describe('a pause', () => {
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

  test('is stored, stays until it is changed, and null ends it', async () => {
    const id = await person();
    const until = inHours(48);
    expect((await put(id, { paused_until: until })).body).toMatchObject({ paused_until: until });
    expect((await put(id, { channels: { sms: false } })).body).toMatchObject({ paused_until: until });
    expect((await get(id)).body).toMatchObject({ paused_until: until, channels: { sms: false } });
    expect((await api.request('GET', `/v1/recipients/${id}/export`)).body.preferences.paused_until).toBe(
      until,
    );
    expect((await put(id, { paused_until: null })).body.paused_until).toBeNull();
    // A client may write back what it read.
    const passed = '2020-01-31T08:00:00.000Z';
    expect((await put(id, { paused_until: '2020-01-31T09:00:00+01:00' })).body.paused_until).toBe(passed);
  });

  test('that changes makes what it held due now, with no change nothing', async () => {
    const id = await person();
    const until = inHours(48);
    await put(id, { paused_until: until });
    const message = await insertNotification(api.db.sql, {
      appId: api.appId,
      state: 'scheduled',
      nextAttemptAt: new Date(until),
      announced: false,
    });
    await api.db.sql`
      update notifications set recipient_id = ${id}, environment = 'live', send_at = null where id = ${message}`;
    const announced = async () =>
      (await api.db.sql`select from outbox where kind = 'delivery.resumed' and ${message} = any (ids)`)
        .length;
    await put(id, { paused_until: until });
    await put(id, { quiet_hours: null, paused_until: until });
    expect(await announced()).toBe(0);
    await put(id, { paused_until: null });
    expect(await announced()).toBe(1);
  });
});

test('a category is said as a whole or by channel, and answered as it was said', async () => {
  const id = await person();
  const categories = { News: { sms: false }, orders: true, offers: {}, beta: { email: true, in_app: false } };
  const answer = await put(id, { categories });
  expect(answer.status).toBe(200);
  expect(answer.body.categories).toEqual({
    news: { sms: false },
    orders: true,
    beta: { email: true, in_app: false },
  });
  expect((await get(id)).body.categories).toEqual(answer.body.categories);
});

test('PUT replaces the given fields and leaves the others as they are', async () => {
  const id = await person();
  const first = await put(id, { channels: { email: false }, categories: { news: false }, quiet_hours, caps });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    channels: { email: false, sms: true, push: true, in_app: true },
    categories: { news: false },
    quiet_hours,
    caps,
    updated_at: expect.any(String),
  });
  const second = await put(id, { channels: { sms: false } });
  expect(second.body).toMatchObject({
    channels: { email: true, sms: false },
    categories: { news: false },
    quiet_hours,
    caps,
  });
  const third = await put(id, { quiet_hours: null, caps: [], categories: {} });
  expect(third.body).toMatchObject({ channels: { sms: false }, categories: {}, quiet_hours: null, caps: [] });
  expect((await get(id)).body).toEqual(third.body);
  expect((await put(id, {})).body).toMatchObject({ channels: { sms: false } });
});

test('many concurrent changes leave one row', async () => {
  const id = await person();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => put(id, { categories: { [`c${n}`]: false } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(Object.keys((await get(id)).body.categories)).toHaveLength(1);
});

const night = (over: object) => ({ quiet_hours: { ...quiet_hours, ...over } });
const cap = (over: object) => ({ caps: [{ max: 1, window_seconds: 60, ...over }] });

describe('PUT refuses, naming the path, and changes nothing:', () => {
  test.each<[string, unknown, string]>([
    ['an unknown field', { quiet: true }, 'quiet'],
    ['an unknown channel', { channels: { fax: false } }, 'channels.fax'],
    ['a channel that is neither on nor off', { channels: { email: 'no' } }, 'channels.email'],
    ['a category that is neither on nor off', { categories: { news: null } }, 'categories.news'],
    [
      'too many categories',
      { categories: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [n, false])) },
      'categories',
    ],
    ['a category that is neither', { categories: { news: 'no' } }, 'categories.news'],
    [
      'a channel that is none, of a category',
      { categories: { news: { fax: false } } },
      'categories.news.fax',
    ],
    ['a pause that is no time', { paused_until: 'tomorrow' }, 'paused_until'],
    [
      'a pause of years',
      { paused_until: new Date(Date.now() + 400 * 86_400_000).toISOString() },
      'paused_until',
    ],
    ['a time without a leading zero', night({ start: '8:00' }), 'quiet_hours.start'],
    ['an hour that no day has', night({ end: '24:00' }), 'quiet_hours.end'],
    ['seconds', night({ end: '08:00:00' }), 'quiet_hours.end'],
    ['quiet hours that end when they begin', night({ end: '22:00' }), 'quiet_hours.end'],
    ['an offset as time zone', night({ time_zone: '+01:00' }), 'quiet_hours.time_zone'],
    ['a time zone that is none', night({ time_zone: 'Mars/Olympus' }), 'quiet_hours.time_zone'],
    [
      'quiet hours without a time zone',
      { quiet_hours: { start: '22:00', end: '08:00' } },
      'quiet_hours.time_zone',
    ],
    ['a cap of nothing', cap({ max: 0 }), 'caps.0.max'],
    ['a cap beyond the bound', cap({ max: 1001 }), 'caps.0.max'],
    ['half a notification', cap({ max: 1.5 }), 'caps.0.max'],
    ['a window of nothing', cap({ window_seconds: 0 }), 'caps.0.window_seconds'],
    ['a window of more than 31 days', cap({ window_seconds: 2_678_401 }), 'caps.0.window_seconds'],
    ['a cap of an unknown channel', cap({ channel: 'fax' }), 'caps.0.channel'],
    ['a cap with an unknown field', cap({ per: 'day' }), 'caps.0.per'],
    ['too many caps', { caps: Array(21).fill({ max: 1, window_seconds: 60 }) }, 'caps'],
  ])('%s', async (_, body, path) => {
    const id = await person();
    await put(id, { channels: { push: false } });
    const before = (await get(id)).body;
    const answer = await put(id, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
    expect((await get(id)).body).toEqual(before);
  });
});

test('the bounds themselves are accepted', async () => {
  const body = {
    quiet_hours: { start: '00:00', end: '23:59', time_zone: 'UTC' },
    caps: Array(20).fill({ max: 1000, window_seconds: 2_678_400 }),
  };
  expect((await put(await person(), body)).body).toMatchObject(body);
});

test('an unknown or foreign recipient has none', async () => {
  const id = await person();
  await put(id, { channels: { email: false } });
  const foreign = await api.key({ environment: 'test' });
  const scopeless = await api.key({ scopes: ['notifications:write', 'suppressions:*'] });
  for (const [who, key, status] of [
    [randomUUID(), undefined, 404],
    [id, foreign, 404],
    [id, scopeless, 403],
  ] as const) {
    const options = key === undefined ? {} : { key };
    const asked = await api.request('GET', pathOf(who), undefined, options);
    const told = await api.request('PUT', pathOf(who), { channels: { email: true } }, options);
    expect([asked.status, told.status]).toEqual([status, status]);
  }
  expect((await get(id)).body.channels.email).toBe(false);
});
