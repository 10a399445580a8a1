import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DASHBOARD_ORIGIN,
  type DashboardUnderTest,
  dashboardUnderTest,
} from '../../../test/support/dashboard-app.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { openUpload } from '../../../test/support/imports.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';
import { givenStaff } from '../../../test/support/staff.ts';
import { until } from '../../../test/support/until.ts';

const PASSWORD = 'a sentence that nobody guesses';
/** Long enough for a session to be looked up, short enough to be waited for. */
const DEADLINE_MS = 2_500;

let database: TestDatabase;
let api: ServedApi;
/** Signs people in, with the usual deadline. */
let dashboard: DashboardUnderTest;
let hasty: DashboardUnderTest;
let server: ReturnType<typeof serve>;
let url: string;
beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
  dashboard = dashboardUnderTest(database.url, { API_URL: api.url });
  hasty = dashboardUnderTest(database.url, { API_URL: api.url }, DEADLINE_MS);
  server = serve({ fetch: hasty.app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  await dashboard.close();
  await hasty.close();
  await api.close();
  await database.drop();
});

/** What the browser of somebody with this role sends with each request. */
async function headersOf(role: 'marketer' | 'viewer', origin = url): Promise<Record<string, string>> {
  const email = `${randomUUID()}@acme.example`;
  await givenStaff(dashboard.db.sql, { email, password: PASSWORD, role });
  const { status, headers } = await dashboard.browser(DASHBOARD_ORIGIN).signIn(email, PASSWORD);
  expect(status).toBe(200);
  const cookie = headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
  const sent = { cookie, origin, 'carillon-app': api.appId, 'carillon-environment': 'live' };
  // The first look-up of a process takes longer.
  await until('the session to be known', async () => (await fetch(`${url}/session`, { headers: sent })).ok);
  return sent;
}

const upload = (headers: Record<string, string>, id: string, format: 'csv' | 'ndjson' = 'ndjson') =>
  openUpload(`${url}/api`, format, 'not-a-key', { headers: { ...headers, 'import-id': id } });
const read = async (id: string) => (await api.request('GET', `/v1/imports/${id}`)).body;

test('a file is passed on while it is sent, and for longer than other requests may take', async () => {
  const headers = await headersOf('marketer');
  const id = randomUUID();
  const sending = upload(headers, id);
  sending.send('{"id":"p1"}\n');
  await until('the import to run', async () => (await read(id)).status === 'running');
  // Begun later, and its body does not come: when it is ended, the upload would have been, too.
  const other = openUpload(`${url}/api`, 'ndjson', 'not-a-key', {
    headers: { ...headers, 'content-type': 'application/json' },
  });
  other.send('{');
  expect((await other.answer).status).toBe(503);
  other.cut();
  sending.send('{"id":"p2"}\n');
  sending.end();
  expect(await sending.answer).toMatchObject({
    status: 200,
    body: { import_id: id, status: 'done', created: 2 },
  });
});

test('a file that is refused while it is sent gets its answer', async () => {
  const sending = upload(await headersOf('marketer'), randomUUID(), 'csv');
  sending.send(`id,nonsense\n${'x,y\n'.repeat(500_000)}`);
  sending.end();
  expect(await sending.answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
});

test('when the browser goes, the import keeps what it has and can go on', async () => {
  const headers = await headersOf('marketer');
  const id = randomUUID();
  const first = upload(headers, id);
  first.send('{"id":"g1"}\n{"id":"g2"}\n{"id":"g');
  await until('the import to run', async () => (await read(id)).status === 'running');
  first.cut();
  await until('the import to be interrupted', async () => (await read(id)).status === 'interrupted');
  const { next_line: nextLine, read: rows } = await read(id);
  expect(nextLine).toBe(rows + 1);
  const second = upload(headers, id);
  second.send('{"id":"g1"}\n{"id":"g2"}\n{"id":"g3"}\n');
  second.end();
  expect((await second.answer).body).toMatchObject({ status: 'done', read: 3, created: 3 });
});

test('viewers import nothing, marketers lift nothing, and a page of another origin sends nothing', async () => {
  const send = async (headers: Record<string, string>, query = '') => {
    const sending = openUpload(`${url}/api`, 'ndjson', 'not-a-key', { headers, query });
    sending.send('{"id":"v1"}\n');
    sending.end();
    return (await sending.answer.catch(() => ({ status: 0 }))).status;
  };
  const marketer = await headersOf('marketer');
  expect(await send(await headersOf('viewer'))).toBe(403);
  expect(await send(marketer, '?resubscribe=true')).toBe(403);
  const elsewhere = await fetch(`${url}/api/v1/recipients/import`, {
    method: 'POST',
    headers: { ...marketer, origin: 'https://elsewhere.example', 'content-type': 'application/x-ndjson' },
    body: '{"id":"v1"}\n',
  });
  expect(elsewhere.status).toBe(403);
  expect((await api.request('GET', '/v1/recipients/v1')).status).toBe(404);
});
