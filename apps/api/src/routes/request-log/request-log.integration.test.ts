import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { keepFlushing } from '../../request-log/request-log.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;
let reader: string;
beforeEach(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  key = await api.key();
  reader = await api.key({ scopes: ['requests:read'] });
});
afterEach(async () => {
  await api.close();
  await database.drop();
});

const idOf = (text: string): string => text.split('_')[2]!;
const call = (method: string, path: string, body?: unknown, as = key) =>
  api.request(method, path, body, { key: as });
async function log(query = '') {
  await api.requestLog.flush();
  const { status, body } = await call(
    'GET',
    `/v1/request-log?key_id=${idOf(key)}${query}`,
    undefined,
    reader,
  );
  expect([status, body.errors]).toEqual([200, undefined]);
  return body.data;
}

describe('what is listed', () => {
  test('a request has its key, route, path, status, duration and the id that its answer had', async () => {
    const { headers } = await call('GET', '/v1/templates?limit=5');
    expect(await log()).toEqual([
      {
        id: expect.any(String),
        at: expect.any(String),
        key_id: idOf(key),
        method: 'GET',
        route: '/v1/templates',
        path: '/v1/templates?limit=...',
        status: 200,
        duration_ms: expect.any(Number),
        request_id: headers.get('x-request-id'),
        problem: null,
        body: null,
        more: 0,
      },
    ]);
  });

  test('a problem has what was answered and the form of the body', async () => {
    await call('POST', '/v1/notifications', {
      to: { email: 'ada@example.com' },
      channel: 'emial',
      priority: 'bulk',
      content: { subject: 'Hello Ada', text: 'Your code is 123456' },
      data: { Ada: 1 },
    });
    const [entry] = await log('&status=problem');
    expect(entry).toMatchObject({
      route: '/v1/notifications',
      path: '/v1/notifications',
      status: 422,
      problem: {
        code: 'invalid_request',
        detail: expect.stringMatching(/^channel: "\[value\]" is not one of email, sms, push, in_app/),
      },
      body: {
        to: { email: '...' },
        channel: '...',
        priority: 'bulk',
        content: { subject: '...', text: '...' },
        data: { '...': '...' },
      },
    });
    expect(entry.problem.errors[0].path).toBe('channel');
  });

  test('of many alike the first is listed with the number of the others; of problems the first ten', async () => {
    for (let n = 0; n < 15; n++) {
      await call('GET', '/v1/templates');
      await call('GET', '/v1/templates/none');
    }
    const entries = await log();
    const of = (status: number) =>
      entries
        .filter((entry: { status: number }) => entry.status === status)
        .map(({ more }: { more: number }) => more);
    expect(of(200)).toEqual([14]);
    expect(of(404).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
  });

  test('a refused scope and a rate limit are problems of the key; an unknown key leaves nothing', async () => {
    const poor = await api.key({ scopes: ['notifications:read'], ratePerSecond: 1 });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await call('GET', '/v1/staff', undefined, poor)).status);
    expect(statuses).toContain(429);
    await api.request('GET', '/v1/templates', undefined, { key: null });
    await call('GET', '/v1/templates', undefined, `${key.slice(0, -3)}abc`);
    await api.requestLog.flush();
    const rows = await api.db.sql<{ keyId: string; status: number }[]>`
      select distinct key_id as "keyId", status from request_log order by status`;
    expect(rows).toEqual([
      { keyId: idOf(poor), status: 403 },
      { keyId: idOf(poor), status: 429 },
    ]);
  });

  test('is that of the own app and environment', async () => {
    await call('GET', '/v1/templates');
    await api.requestLog.flush();
    const tester = await api.key({ environment: 'test', scopes: ['requests:read'] });
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const stranger = await api.key({ appId: other.id, scopes: ['requests:read'] });
    for (const as of [tester, stranger])
      expect((await call('GET', '/v1/request-log', undefined, as)).body.data).toEqual([]);
    const without = await api.key({ scopes: ['notifications:read'] });
    expect((await call('GET', '/v1/request-log', undefined, without)).status).toBe(403);
  });
});

describe('filters and pages', () => {
  test('key, method, route, status, code, request id and time', async () => {
    await call('GET', '/v1/templates');
    await call('DELETE', '/v1/categories/none');
    await call('GET', '/v1/templates/none');
    await call('POST', '/v1/notifications', {});
    const routes = async (query: string) =>
      (await log(query)).map(({ method, route }: { method: string; route: string }) => `${method} ${route}`);
    expect(await routes('&method=POST')).toEqual(['POST /v1/notifications']);
    expect(await routes('&route=/v1/templates/:key')).toEqual(['GET /v1/templates/:key']);
    expect(await routes('&status=422')).toEqual(['POST /v1/notifications']);
    expect(await routes('&status=4xx')).toEqual(['POST /v1/notifications', 'GET /v1/templates/:key']);
    expect(await routes('&status=2xx')).toHaveLength(2);
    expect(await routes('&code=not_found')).toEqual(['GET /v1/templates/:key']);
    const [first] = await log('&status=422');
    expect(await routes(`&request_id=${first.request_id}`)).toEqual(['POST /v1/notifications']);
    expect(await routes('&created_after=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await routes('&created_before=2100-01-01T00:00:00Z')).toHaveLength(4);
    expect((await call('GET', '/v1/request-log?status=4x', undefined, reader)).status).toBe(422);
  });

  test('pages lead through all of them, newest first', async () => {
    for (let n = 0; n < 9; n++) await call('GET', '/v1/templates/none');
    await log();
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await call('GET', `/v1/request-log?status=404&limit=4${cursor}`, undefined, reader);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(seen).toHaveLength(9);
    expect(seen).toEqual(seen.toSorted((a, b) => Number(b) - Number(a)));
  });

  test('with 300,000 rows a page of any filter reads no whole table', async () => {
    await api.db.sql`
      insert into request_log (at, app_id, environment, key_id, method, route, path, status, duration_ms, request_id, code)
      select now() - n * interval '200 milliseconds', ${api.appId}, 'live', ${idOf(key)}, 'POST', '/v1/notifications', '/', 
        case when n % 1000 = 0 then 422 else 202 end, 4, 'r' || n, case when n % 1000 = 0 then 'invalid_request' end
      from generate_series(300000, 1, -1) n`;
    await api.db.sql`analyze request_log`;
    await log();
    for (const query of ['', '&status=problem', '&status=500', '&code=internal', '&method=POST']) {
      const began = performance.now();
      await log(query);
      expect(performance.now() - began, query).toBeLessThan(300);
    }
  }, 60_000);
});

describe('what a request said is not kept', () => {
  const SAID = ['Zambrano', 'Quill', '4915112345678', 'example.test', 'K123456', 'walnut', 'person-77'];
  const name = 'Zambrano Quill';

  test('in no place of the log, whatever was wrong with the request', async () => {
    const long = `${name} ${'and so on, "quoted" and more... '.repeat(20)}`;
    const bodies: unknown[] = [
      { [name]: name, channel: name, to: '+4915112345678' },
      { to: { email: `${name}@example.test`, [name]: 1 }, channel: 'email', content: { subject: long } },
      { to: { phone: '+4915112345678' }, channel: 'sms', content: { text: ['K123456'] } },
      {
        to: { recipient_id: 'person-77' },
        channel: 'email',
        template: 'walnut',
        data: { [name]: 'K123456' },
      },
      { to: 4915112345678, channel: 'email' },
      { to: { K123456: name }, channel: { a: name }, content: [name, { b: name }], send_at: name },
      [name, 'K123456'],
      long,
      `{"to":{"email":"${name}@example.test"`,
      `{"${name}":"${name}","${name}":1}`,
    ];
    for (const body of bodies) {
      await call('POST', '/v1/notifications', body);
      await call('PUT', '/v1/recipients/person-77', body);
      await call('PUT', '/v1/templates/walnut', body);
      await call('PUT', '/v1/categories/walnut', body);
      await call('POST', '/v1/webhook-endpoints', body);
      await api.requestLog.flush();
    }
    for (const path of [
      `/v1/${encodeURIComponent(name)}/person-77?q=${encodeURIComponent(name)}`,
      '/v1/recipients/person-77',
      `/v1/recipients/${encodeURIComponent(name)}/devices?walnut=K123456`,
      '/v1/templates/walnut?cursor=walnut',
      '/v1/notifications/walnut',
      `/v1/notifications?address=${encodeURIComponent('+4915112345678')}&recipient_id=person-77&status=walnut`,
      '/v1/audit?actor=walnut&limit=K123456',
    ])
      for (const method of ['GET', 'DELETE', 'POST'])
        await call(method, path, method === 'POST' ? {} : undefined);
    await api.requestLog.flush();
    const rows = await api.db.sql<{ row: string }[]>`select r::text as row from request_log r`;
    expect(rows.length).toBeGreaterThan(40);
    const found = rows.flatMap(({ row }) =>
      SAID.filter((text) => row.includes(text)).map((text) => `${text} in ${row}`),
    );
    expect(found).toEqual([]);
  });

  test('but fields, bounds, enumerations and ids of this API are', async () => {
    await call('GET', '/v1/notifications/01890000-0000-7000-8000-000000000001');
    await call('GET', '/v1/notifications?limit=500&status=dead');
    const [list, one] = await log('&status=problem');
    expect(one).toMatchObject({ path: '/v1/notifications/01890000-0000-7000-8000-000000000001' });
    expect(list).toMatchObject({
      path: '/v1/notifications?limit=...&status=dead',
      problem: { errors: [{ path: 'limit', message: expect.stringContaining('at most 200') }] },
    });
    await call('PUT', '/v1/categories/orders', { delivery_policy: 'ask' });
    expect((await log('&method=PUT'))[0].path).toBe('/v1/categories/orders');
  });
});

test('what PostgreSQL does not take is lost, and the request is answered all the same', async () => {
  await api.db.sql`alter table request_log rename to gone`;
  expect((await call('GET', '/v1/templates')).status).toBe(200);
  await api.requestLog.flush();
  expect(api.logged.join()).toContain('requests are missing in the request log');
  await api.db.sql`alter table gone rename to request_log`;
  await call('GET', '/v1/templates');
  const stop = keepFlushing(api.requestLog);
  await stop();
  expect(await log()).toHaveLength(1);
});
