import { createECDH, randomBytes, randomUUID } from 'node:crypto';
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

const put = (id: string, body: unknown) => api.request('PUT', `/v1/recipients/${id}`, body);
const get = async (id: string) => (await api.request('GET', `/v1/recipients/${id}`)).body;
const pointsOf = async (id: string) =>
  api.db.sql<{ kind: string; address: string; disabled_at: Date | null }[]>`
    select kind, address, disabled_at from contact_points where recipient_id = ${id} order by address`;

describe('PUT /v1/recipients/{recipient_id}', () => {
  test('creates, replaces the given fields and leaves the others as they are', async () => {
    const created = await put('ada', {
      email: 'ada@example.com',
      phone: '+14155552671',
      locale: 'de-AT',
      time_zone: 'Europe/Vienna',
      attributes: { plan: 'pro', old: true },
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      recipient_id: 'ada',
      email: 'ada@example.com',
      phone: '+14155552671',
      locale: 'de-AT',
      time_zone: 'Europe/Vienna',
      attributes: { plan: 'pro', old: true },
    });

    const changed = await put('ada', {
      email: 'ada@example.org',
      locale: null,
      attributes: { plan: 'free' },
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      email: 'ada@example.org',
      phone: '+14155552671',
      locale: null,
      time_zone: 'Europe/Vienna',
      attributes: { plan: 'free' },
    });
    expect((await pointsOf('ada')).map(({ address }) => address)).toEqual([
      '+14155552671',
      'ada@example.org',
    ]);
    expect(await get('ada')).toMatchObject(changed.body);
  });

  test('keeps a disabled address disabled, with its reason, when it is given again', async () => {
    await put('bo', { email: 'bo@example.com' });
    await api.db.sql`
      update contact_points set disabled_at = now(), disabled_reason = 'hard bounce' where recipient_id = 'bo'`;
    const again = await put('bo', { email: 'bo@example.com' });
    expect(again.body.contact_points).toEqual([
      expect.objectContaining({ address: 'bo@example.com', disabled_reason: 'hard bounce' }),
    ]);

    const moved = await put('bo', { email: 'bo@example.org' });
    expect(moved.body.email).toBe('bo@example.org');
    expect(moved.body.contact_points).toEqual([
      expect.objectContaining({ address: 'bo@example.org', disabled_at: null }),
      expect.objectContaining({ address: 'bo@example.com', disabled_reason: 'hard bounce' }),
    ]);
  });

  test('called many times concurrently creates once and leaves one address', async () => {
    const id = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => put(id, { email: `crowd${n}@example.com` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await pointsOf(id)).toHaveLength(1);
  });

  test.each([
    ['an e-mail address without a domain', { email: 'ada' }, 'email'],
    ['a header in an address', { email: 'ada@example.com\r\nBcc: eve@example.com' }, 'email'],
    ['a phone number without a country', { phone: '0155 1234' }, 'phone'],
    ['a locale that is none', { locale: 'german!' }, 'locale'],
    ['an offset as time zone', { time_zone: '+02:00' }, 'time_zone'],
    ['a time zone that is none', { time_zone: 'Mars/Olympus' }, 'time_zone'],
    ['too many attributes', { attributes: { text: 'x'.repeat(16_400) } }, 'attributes'],
    ['an unknown field', { e_mail: 'ada@example.com' }, 'e_mail'],
  ])('refuses %s and stores nothing', async (_, body, path) => {
    const id = randomUUID();
    const answer = await put(id, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
    expect((await api.request('GET', `/v1/recipients/${id}`)).status).toBe(404);
  });

  test('accepts ids with any visible characters', async () => {
    const id = 'user/42 ü@x';
    expect((await put(encodeURIComponent(id), {})).body.recipient_id).toBe(id);
    expect((await get(encodeURIComponent(id))).recipient_id).toBe(id);
  });
});

describe('devices', () => {
  const device = (method: 'POST' | 'DELETE', id: string, body: unknown) =>
    api.request(method, `/v1/recipients/${id}/devices`, body);
  const subscription = {
    endpoint: 'https://push.example.com/send/abcdef',
    keys: {
      p256dh: createECDH('prime256v1').generateKeys('base64url'),
      auth: randomBytes(16).toString('base64url'),
    },
    expirationTime: null,
  };

  test('of each kind are registered, shown masked, refreshed and removed', async () => {
    await put('dev', {});
    const targets = [{ fcm_token: 'fcm-token-1' }, { apns_token: 'a'.repeat(64) }, { subscription }];
    for (const target of targets) expect((await device('POST', 'dev', target)).status).toBe(201);
    expect((await device('POST', 'dev', targets[0])).status).toBe(200);
    const points = (await get('dev')).contact_points;
    expect(points.map((point: { kind: string }) => point.kind).sort()).toEqual(['apns', 'fcm', 'web_push']);
    expect(JSON.stringify(points)).not.toContain('fcm-token-1');
    const [stored] = await api.db
      .sql`select keys from contact_points where address = ${subscription.endpoint}`;
    expect(stored!.keys).toEqual(subscription.keys);

    for (const target of targets) expect((await device('DELETE', 'dev', target)).status).toBe(204);
    expect((await device('DELETE', 'dev', targets[0])).status).toBe(204);
    expect((await get('dev')).contact_points).toEqual([]);
  });

  test('belong to one recipient: registering moves a device from its previous user', async () => {
    await put('first', {});
    await put('second', {});
    await device('POST', 'first', { fcm_token: 'shared-phone' });
    await device('POST', 'second', { fcm_token: 'shared-phone' });
    expect((await get('first')).contact_points).toEqual([]);
    expect((await get('second')).contact_points).toHaveLength(1);
  });

  test('that come back after they were disabled are enabled', async () => {
    await put('back', {});
    await device('POST', 'back', { fcm_token: 'came-back' });
    await api.db.sql`
      update contact_points set disabled_at = now(), disabled_reason = 'unregistered' where address = 'came-back'`;
    await device('POST', 'back', { fcm_token: 'came-back' });
    expect((await get('back')).contact_points).toMatchObject([{ disabled_at: null, disabled_reason: null }]);
  });

  test('beyond the newest 20 of a kind are removed', async () => {
    await put('many', {});
    for (let n = 0; n < 23; n++) await device('POST', 'many', { fcm_token: `many-${n}` });
    const addresses = (await pointsOf('many')).map(({ address }) => address);
    expect(addresses).toHaveLength(20);
    expect(addresses).not.toContain('many-2');
    expect(addresses).toContain('many-22');
  });

  test.each([
    ['no device', {}],
    ['two devices', { fcm_token: 'a', apns_token: 'b'.repeat(64) }],
    ['an APNs token that is none', { apns_token: 'device-1' }],
    [
      'a key that is none',
      { subscription: { ...subscription, keys: { ...subscription.keys, p256dh: 'BPk' } } },
    ],
    ['a short secret', { subscription: { ...subscription, keys: { ...subscription.keys, auth: 'x1' } } }],
    [
      'a subscription without https',
      { subscription: { ...subscription, endpoint: 'http://push.example.com/x' } },
    ],
  ])('are refused when the body names %s', async (_, body) => {
    await put('strict', {});
    expect((await device('POST', 'strict', body)).status).toBe(422);
  });
});

describe('a foreign recipient is not there', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('for %s', async (who) => {
    await put('mine', { email: 'mine@example.com' });
    await api.request('POST', '/v1/recipients/mine/devices', { fcm_token: 'mine-token' });
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const key =
      who === 'another app'
        ? await api.key({ appId: other.id })
        : who === 'the other environment'
          ? await api.key({ environment: 'test' })
          : await api.key({ scopes: ['templates:*', 'notifications:write', 'notifications:read'] });
    const status = who === 'a key without the scope' ? 403 : 404;
    for (const [method, path, body] of [
      ['GET', '/v1/recipients/mine', undefined],
      ['POST', '/v1/recipients/mine/devices', { fcm_token: 'mine-token' }],
      ['DELETE', '/v1/recipients/mine/devices', { fcm_token: 'mine-token' }],
    ] as const) {
      const answer = await api.request(method, path, body, { key });
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(JSON.stringify(answer.body)).not.toContain('mine@example.com');
    }
    const own = await api.request('PUT', '/v1/recipients/mine', { email: 'theirs@example.com' }, { key });
    expect(own.status).toBe(status === 403 ? 403 : 201);
    const mine = await get('mine');
    expect(mine.email).toBe('mine@example.com');
    expect(mine.contact_points).toHaveLength(2);
  });
});
