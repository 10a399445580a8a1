import { ACCESS, may, ROLE_SCOPES, type StaffScope } from '@carillon/core/access/access';
import { createLog } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { serverLooks } from '@carillon/core/program/server-looks';
import { RENDER_HERE } from '@carillon/core/template/render/budgeted-render';
import { openDatabase } from '@carillon/db/connection/client';
import { databaseReadiness } from '@carillon/db/readiness';
import { openStaffSession } from '@carillon/db/staff/sessions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { createDashboard } from './app.ts';
import { hashSecret, newSecret } from './auth/session-cookie.ts';
import { configSchema } from './config.ts';
import { createMetrics } from './metrics.ts';

let database: TestDatabase;
let proxy: TcpProxy;
let db: ReturnType<typeof openDatabase>;
let app: ReturnType<typeof createDashboard>;
const secret = newSecret();

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await tcpProxy(Number(url.port));
  url.port = String(proxy.port);
  db = openDatabase({ url: url.href, name: 'dashboard-under-test', connections: 2 });
  const [viewer] = await db.sql<[{ id: string }]>`
    insert into staff (email, password_hash, role) values ('viewer@example.com', 'none', 'viewer') returning id`;
  await openStaffSession(db.sql, {
    tokenHash: hashSecret(secret),
    staffId: viewer.id,
    passwordHash: 'none',
    hours: 1,
    replaces: null,
  });
  const lookAtServers = serverLooks({
    database: databaseReadiness(db, url.href),
    redis: null,
    report: createOutageReport({ info: () => {}, warn: () => {} }),
  });
  app = createDashboard({
    render: RENDER_HERE,
    config: configSchema.parse({
      DATABASE_URL: url.href,
      REDIS_URL: 'redis://127.0.0.1:1',
      NODE_ENV: 'test',
    }),
    sql: db.sql,
    deadlineMs: 2_500,
    waker: { wake: () => {} },
    queues: new Map(),
    servers: { look: () => lookAtServers(1000) },
    metrics: createMetrics(),
    log: createLog('dashboard', 'error'),
  });
});
afterAll(async () => {
  await proxy.restore();
  await db.close();
  await proxy.close();
  await database.drop();
});

const ask = (path: string, method = 'GET') =>
  app.request(path, {
    method,
    headers: { cookie: `carillon_session=${secret}`, 'sec-fetch-site': 'same-origin' },
  });

test('a viewer may request every page with HEAD: the same status as with GET, and no body', async () => {
  for (const path of [
    '/',
    '/providers',
    '/doubts',
    '/webhooks',
    '/queues',
    '/queues/api/queues',
    '/login',
    '/nothing',
  ]) {
    const [get, head] = [await ask(path), await ask(path, 'HEAD')];
    expect([path, head.status, await head.text()]).toEqual([path, get.status, '']);
    expect(head.status).toBeLessThan(500);
  }
});

/** Public routes, and those for a session that must set a password first. */
const OUTSIDE = /^\/(healthz|readyz|metrics|assets\/.*|login|logout|password)$/;

/** The pages and actions of the dashboard, each with the scopes that are checked before it. */
function scopesOfRoutes(): { method: string; path: string; scopes: StaffScope[] }[] {
  const isBefore = (outer: string, path: string) =>
    outer === path || (outer !== '/*' && outer.endsWith('/*') && path.startsWith(outer.slice(0, -2)));
  const routes = app.routes.filter(({ path }) => path !== '/*' && !OUTSIDE.test(path));
  return routes.map(({ method, path }) => {
    const handlers = routes.filter(
      (each) => [method, 'ALL'].includes(each.method) && isBefore(each.path, path),
    );
    const scopes = handlers.flatMap(({ handler }) =>
      'scope' in handler ? [handler.scope as StaffScope] : [],
    );
    return { method, path, scopes: [...new Set(scopes)] };
  });
}

test('every page and action names one scope of the access table', () => {
  const routes = scopesOfRoutes();
  expect(routes.length).toBeGreaterThan(20);
  expect(routes.filter(({ scopes }) => scopes.length !== 1 || !(scopes[0]! in ACCESS))).toEqual([]);
  // Checked within a page or for an action of the queues, not for a route.
  const within: StaffScope[] = ['address.read', 'content.read', 'queue.work', 'queue.administer'];
  const named = new Set([...routes.flatMap(({ scopes }) => scopes), ...within]);
  expect(named).toEqual(new Set(ROLE_SCOPES.admin));
});

test('actions beyond the role of a viewer are refused before anything is read', async () => {
  const beyond = scopesOfRoutes().filter(({ scopes: [scope] }) => !may('viewer', scope!));
  expect(beyond.length).toBeGreaterThan(10);
  for (const { method, path } of beyond) {
    const answer = await ask(
      path.replaceAll(/:(\w+)(\{(\w+)[^}]*\})?/g, (_, name, __, first) => first ?? name),
      method,
    );
    expect([method, path, answer.status]).toEqual([method, path, 403]);
    expect(await answer.text()).toMatch(/ needs the role (operator or )?admin; yours is viewer\./);
  }
});

test('while PostgreSQL is silent every page is a 503 with Retry-After', async () => {
  proxy.freeze();
  for (const path of ['/', '/providers', '/doubts', '/webhooks', '/queues/api/queues']) {
    const answer = await ask(path);
    expect([path, answer.status]).toEqual([path, 503]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.text()).toContain('PostgreSQL does not answer');
  }
  expect((await ask('/login')).status).toBe(200);
});
