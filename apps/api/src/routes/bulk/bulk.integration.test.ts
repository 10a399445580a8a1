import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  key = await api.key({ environment: 'test' });
  for (let n = 0; n < 3; n++) await insertNotification(api.db.sql, { appId: api.appId });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const start = (body: unknown, headers: Record<string, string> = {}, as = key) =>
  api.request('POST', '/v1/bulk', body, { key: as, headers });
const of = (id: string, as = key) => api.request('GET', `/v1/bulk/${id}`, undefined, { key: as });

test('a bulk action is answered 202 with what matches, and can be looked at, listed and stopped', async () => {
  const { status, body } = await start({ action: 'cancel', filter: { channel: 'email' } });
  expect([status, body]).toEqual([
    202,
    {
      id: expect.any(String),
      action: 'cancel',
      filter: { channel: 'email' },
      send_at: null,
      accept_duplicate_risk: false,
      dry_run: false,
      rate_per_second: 50,
      status: 'running',
      matched: 3,
      matched_is_complete: true,
      done: 0,
      skipped: {},
      created_at: expect.any(String),
      finished_at: null,
    },
  ]);
  expect((await of(body.id)).body).toEqual(body);
  const list = await api.request('GET', '/v1/bulk?limit=1', undefined, { key });
  expect(list.body.data).toEqual([body]);
  const stopped = await api.request('POST', `/v1/bulk/${body.id}/stop`, undefined, { key });
  expect([stopped.status, stopped.body.status]).toEqual([200, 'stopped']);
  const again = await api.request('POST', `/v1/bulk/${body.id}/stop`, undefined, { key });
  expect(again.body).toEqual(stopped.body);
});

test('the same request with the same key gets the same action; another request is refused', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await start({ action: 'retry', filter: { status: 'dead' }, dry_run: true }, headers);
  const again = await start({ action: 'retry', filter: { status: 'dead' }, dry_run: true }, headers);
  expect(again.body).toEqual(first.body);
  expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
  const inBody = { action: 'retry', filter: { status: 'dead' }, dry_run: true };
  const third = await start({ ...inBody, idempotency_key: headers['idempotency-key'] });
  expect(third.body).toEqual(first.body);
  const other = await start({ action: 'cancel', filter: { status: 'dead' }, dry_run: true }, headers);
  expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict']);
  const both = await start({ ...inBody, idempotency_key: 'another' }, headers);
  expect([both.status, both.body.errors[0].path]).toEqual([422, 'idempotency_key']);
});

test('the filter is that of the list, with several states and what happened', async () => {
  for (const [filter, matched] of [
    [{ channel: 'email,sms' }, 3],
    [{ channel: 'email', template: 'none' }, 0],
    [{ status: 'dead,failed', error: 'none' }, 0],
    [{ send_at_after: '2020-01-01T00:00:00Z' }, 0],
  ] as const) {
    const { status, body } = await start({ action: 'cancel', filter, dry_run: true });
    expect([status, body.matched, body.filter]).toEqual([202, matched, filter]);
  }
});

test('another app, another environment and a key without the scope get nothing', async () => {
  const { body } = await start({ action: 'retry', filter: { status: 'dead' }, dry_run: true });
  const live = await api.key({ environment: 'live' });
  expect((await of(body.id, live)).status).toBe(404);
  const reader = await api.key({ environment: 'test', scopes: ['notifications:read'] });
  expect((await of(body.id, reader)).status).toBe(200);
  expect((await start({ action: 'retry', filter: { status: 'dead' } }, {}, reader)).status).toBe(403);
});

test.each([
  ['no action', { filter: { status: 'dead' } }, 'action'],
  ['an unknown action', { action: 'delete', filter: { status: 'dead' } }, 'action'],
  ['no filter', { action: 'retry' }, 'filter'],
  ['a filter that names nothing', { action: 'retry', filter: {} }, 'filter'],
  ['an unknown member of the filter', { action: 'retry', filter: { state: 'dead' } }, 'filter.state'],
  ['an unknown state', { action: 'retry', filter: { status: 'deads' } }, 'filter.status'],
  ['a reschedule without a time', { action: 'reschedule', filter: { status: 'scheduled' } }, 'send_at'],
  [
    'a cancel with a time',
    { action: 'cancel', filter: { status: 'queued' }, send_at: '2099-01-01T00:00:00Z' },
    'send_at',
  ],
  [
    'a cancel with the risk of a duplicate',
    { action: 'cancel', filter: { status: 'queued' }, accept_duplicate_risk: true },
    'accept_duplicate_risk',
  ],
  ['a rate of 0', { action: 'retry', filter: { status: 'dead' }, rate_per_second: 0 }, 'rate_per_second'],
  ['a rate of 201', { action: 'retry', filter: { status: 'dead' }, rate_per_second: 201 }, 'rate_per_second'],
])('refuses %s, and names the field', async (_what, body, field) => {
  const answer = await start(body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map(({ path }: { path: string }) => path)).toContain(field);
});
