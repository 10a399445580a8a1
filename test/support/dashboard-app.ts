import { createLog } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { serverLooks } from '@carillon/core/program/server-looks';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { databaseReadiness } from '@carillon/db/readiness';
import { createDashboard } from '../../apps/dashboard/server/app.ts';
import { configSchema } from '../../apps/dashboard/server/config.ts';
import { createMetrics } from '../../apps/dashboard/server/metrics.ts';
import { createAuth } from '../../apps/dashboard/server/staff/auth.ts';
import { createLoginThrottle } from '../../apps/dashboard/server/staff/login-throttle.ts';

export const DASHBOARD_ORIGIN = 'http://dashboard.test';

export interface DashboardUnderTest {
  app: ReturnType<typeof createDashboard>;
  db: Database;
  /** Links that would have been sent by e-mail. */
  links: string[];
  /** A browser with cookies of its own. */
  browser(origin?: string): TestBrowser;
  close(): Promise<void>;
}

export interface TestBrowser {
  /** @param body a form, or what is sent as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<BrowserAnswer>;
  signIn(email: string, password: string): Promise<BrowserAnswer>;
}

export interface BrowserAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** The dashboard's server without a port: everything real but the socket. @param env further settings. */
export function dashboardUnderTest(
  databaseUrl: string,
  env: Record<string, string>,
  deadlineMs = 12_000,
): DashboardUnderTest {
  const db = openDatabase({ url: databaseUrl, name: 'dashboard-under-test', connections: 2 });
  const lookAtServers = serverLooks({
    database: databaseReadiness(db, { url: databaseUrl, pooler: null }),
    redis: null,
    report: createOutageReport({ info: () => {}, warn: () => {} }),
  });
  const config = configSchema.parse({
    DATABASE_URL: databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:1',
    NODE_ENV: 'test',
    ...env,
  });
  const log = createLog('dashboard', 'error');
  const metrics = createMetrics();
  const links: string[] = [];
  const auth = createAuth(
    {
      config,
      orm: db.orm,
      sql: db.sql,
      log,
      throttle: createLoginThrottle(),
      sendLink: async (_, link) => links.push(link) > 0,
      onLogin: metrics.login,
    },
    DASHBOARD_ORIGIN,
  );
  const app = createDashboard({
    config,
    sql: db.sql,
    auth: () => auth,
    deadlineMs,
    queues: new Map(),
    servers: { look: () => lookAtServers(1000) },
    metrics,
    log,
  });
  return { app, db, links, browser: (origin) => browser(app, origin), close: () => db.close() };
}

/** It keeps cookies and sends Origin. */
function browser(app: DashboardUnderTest['app'], origin = DASHBOARD_ORIGIN): TestBrowser {
  const cookies = new Map<string, string>();
  const ask: TestBrowser['ask'] = async (method, path, body, headers = {}) => {
    const answer = await app.request(`${DASHBOARD_ORIGIN}${path}`, {
      method,
      headers: {
        host: new URL(DASHBOARD_ORIGIN).host,
        origin,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined || body instanceof URLSearchParams
          ? {}
          : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (value === '' || /max-age=0/i.test(cookie)) cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    };
  };
  return { ask, signIn: (email, password) => ask('POST', '/auth/sign-in/email', { email, password }) };
}
