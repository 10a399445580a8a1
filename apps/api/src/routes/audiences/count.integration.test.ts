import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { type PointState, reachability } from '@carillon/core/recipient/reachability';
import { addressHash } from '@carillon/core/recipient/suppression';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  appId = await insertApp(api.db.sql);
  key = await api.key({ appId });
});

const count = (filter: unknown, query = '') =>
  api.request('POST', `/v1/audiences/count${query}`, { filter }, { key });

test('an audience and a filter that is not saved are counted, exactly and by a sample', async () => {
  await api.db.sql`
    insert into recipients (app_id, environment, id, attributes)
    select ${appId}, 'live', 'p' || i, jsonb_build_object('n', i) from generate_series(1, 30) i`;
  const filter = { field: 'attributes.n', op: 'lte', value: 20 };
  expect(await count(filter)).toMatchObject({
    status: 200,
    body: { count: 20, about: 20, reachable: { email: 0, in_app: 20 } },
  });
  expect((await count(filter, '?exact=false')).body).toMatchObject({ count: null, about: 20 });
  expect((await count(filter, '?channels=false')).body).toMatchObject({
    count: 20,
    reachable: null,
    unreachable: null,
  });
  await api.request('PUT', '/v1/audiences/first', { filter }, { key });
  const saved = await api.request('GET', '/v1/audiences/first/count', undefined, { key });
  expect(saved).toMatchObject({ status: 200, body: { count: 20, counted_at: expect.any(String) } });
  expect((await api.request('GET', '/v1/audiences/none/count', undefined, { key })).status).toBe(404);
  expect((await count({ audience: 'none' })).body).toMatchObject({ code: 'unknown_audience' });
  expect((await count({ field: 'attributes.n', op: 'lt', value: '5' })).body.errors).toEqual([
    { path: 'filter.value', message: expect.stringContaining('is not a number') },
  ]);
});

test('who can be reached by each channel, and why the others cannot, is as for each person alone', async () => {
  const ids = ['😀 inbox', ...Array.from({ length: 60 }, (_, i) => `p${i}`)];
  const expected = Object.fromEntries(CHANNELS.map((channel) => [channel, {} as Record<string, number>]));
  for (const [n, id] of ids.entries()) {
    await api.db.sql`insert into recipients (app_id, environment, id) values (${appId}, 'live', ${id})`;
    const off = CHANNELS.filter((_, bit) => n % 7 === bit);
    if (off.length > 0)
      await api.db.sql`
        insert into user_preferences (app_id, environment, recipient_id, channels)
        values (${appId}, 'live', ${id}, ${JSON.stringify(Object.fromEntries(off.map((each) => [each, false])))}::text::jsonb)`;
    const points: PointState[] = [];
    const kinds = ['email', 'email', 'phone', 'fcm', 'web_push'] as const;
    for (const [bit, kind] of kinds.entries()) {
      if (((n * 7) >> bit) % 2 === 0) continue;
      const address = kind === 'email' ? `P${n}.${bit}@example.com` : `${kind}-${n}`;
      const [isDisabled, isSuppressed] = [(n + bit) % 3 === 0, (n + bit) % 4 === 0];
      await api.db.sql`
        insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at)
        values (${appId}, 'live', ${id}, ${kind}, ${address}, ${isDisabled ? new Date() : null})`;
      const channel: Channel = kind === 'email' ? 'email' : kind === 'phone' ? 'sms' : 'push';
      if (isSuppressed) await suppress(channel, address);
      points.push({ kind, isDisabled, isSuppressed });
    }
    const isInboxSuppressed = n % 5 === 0;
    if (isInboxSuppressed) await suppress('in_app', id);
    for (const [channel, how] of Object.entries(reachability(points, off, isInboxSuppressed))) {
      const by = expected[channel]!;
      by[how] = (by[how] ?? 0) + 1;
    }
  }
  for (const query of ['', '?exact=false']) {
    const { body } = await count({ all: [] }, query);
    for (const channel of CHANNELS) {
      const {
        reachable = 0,
        opted_out = 0,
        suppressed = 0,
        disabled = 0,
        no_contact_point = 0,
      } = expected[channel]!;
      expect(body.reachable[channel], channel).toBe(reachable);
      expect(body.unreachable[channel], channel).toEqual({
        opted_out,
        no_address: no_contact_point,
        disabled,
        suppressed,
      });
    }
  }
});

const suppress = (channel: Channel, address: string) => api.db.sql`
  insert into suppressions (app_id, environment, channel, address_hash, reason)
  values (${appId}, 'live', ${channel}, ${addressHash(appId, channel, address)}, 'bounce')`;

test('a sample of many recipients is close to their count', async () => {
  for (let from = 1; from < 30_000; from += 10_000)
    await api.db.sql`
      insert into recipients (app_id, environment, id, attributes)
      select ${appId}, 'live', 'p' || i, jsonb_build_object('n', i % 4)
      from generate_series(${from}::int, ${from + 9_999}::int) i`;
  await api.db.sql.unsafe('analyze recipients');
  const { body } = await count({ field: 'attributes.n', op: 'eq', value: 3 }, '?exact=false');
  expect(body.count).toBeNull();
  expect(body.about).toBeGreaterThan(5_250);
  expect(body.about).toBeLessThan(9_750);
  expect(String(body.about)).toMatch(/^\d\d00$/);
  // However many rows the sampled pages have, everybody is everybody.
  expect((await count({ all: [] }, '?exact=false')).body.about).toBe(30_000);
  for (let from = 1; from < 30_000; from += 10_000)
    await api.db.sql`
      insert into contact_points (app_id, environment, recipient_id, kind, address)
      select ${appId}, 'live', 'p' || i, 'email', 'p' || i || '@example.com'
      from generate_series(${from}::int, ${from + 9_999}::int, 2) i`;
  await api.db.sql.unsafe('analyze contact_points');
  // By look-ups, of a smaller sample; and the channels of a part of those who belong.
  const { body: mailed } = await count({ field: 'email', op: 'exists' }, '?exact=false');
  expect(mailed.about).toBeGreaterThan(12_500);
  expect(mailed.about).toBeLessThan(17_500);
  expect(mailed.unreachable.email).toEqual({ opted_out: 0, no_address: 0, disabled: 0, suppressed: 0 });
  const { body: all } = await count({ all: [] }, '?exact=false');
  expect(all.reachable.email).toBeGreaterThan(12_000);
  expect(all.reachable.email).toBeLessThan(18_000);
  const sum = all.reachable.email + all.unreachable.email.no_address;
  expect(Math.abs(sum - 30_000)).toBeLessThan(500);
});
