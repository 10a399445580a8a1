import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { StaffRole } from '@carillon/core/access/access';
import { hashPassword } from '@carillon/core/access/password';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { FAST_START } from '@carillon/local/fast-start';
import type { Browser, Cookie, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { testDatabase } from '../support/database.ts';
import { type TestRedis, testRedis } from '../support/redis.ts';

const MAIN = path.join(import.meta.dirname, '../../apps/dashboard/src/main.ts');
export const PASSWORD = 'a password for tests';

/** A dashboard process of its own with its own database, one account per role, and a browser to look at it. */
export interface TestDashboard {
  url: string;
  db: Database;
  redis: TestRedis;
  /** The process, to signal it. */
  child: ChildProcess;
  /** A page in a fresh browser context, not logged in. */
  visit(options?: VisitOptions): Promise<Visit>;
  /** A page logged in as `<role>@example.com`, on the start page. A valid session is reused. */
  logIn(role: StaffRole, options?: VisitOptions): Promise<Visit>;
  /** Closes all pages. Call it in afterEach: Bull Board's keep polling and would slow the following tests. */
  leave(): Promise<void>;
  stop(): Promise<void>;
}

export interface VisitOptions {
  width?: number;
  colorScheme?: 'light' | 'dark';
}

export interface Visit {
  page: Page;
  /** Errors of the browser, and every requested URL outside this dashboard. Must stay empty. */
  complaints: string[];
}

/** @param redisUrl another Redis than the run's, for example an unavailable one. */
export async function startDashboard(redisUrl?: string): Promise<TestDashboard> {
  const database = await testDatabase();
  const redis = testRedis();
  const db = openDatabase({ url: database.url, name: 'browser test', connections: 2 });
  const passwordHash = await hashPassword(PASSWORD);
  for (const role of ['admin', 'operator', 'viewer']) {
    await db.sql`
      insert into staff (email, password_hash, role) values (${`${role}@example.com`}, ${passwordHash}, ${role})`;
  }
  const { child, url } = await startProcess(database.url, redisUrl ?? redis.url, redis.namespace);
  const browser = await launchChromium();

  const visit = (options: VisitOptions = {}) => openVisit(browser, url, options);
  const sessions = new Map<StaffRole, Cookie[]>();
  return {
    url,
    db,
    redis,
    child,
    visit,
    async logIn(role, options) {
      const visited = await visit(options);
      const { page } = visited;
      await page.context().addCookies(sessions.get(role) ?? []);
      await page.goto(url);
      if (page.url() !== `${url}/`) {
        await fillIn(page, `${role}@example.com`, PASSWORD);
        await page.waitForURL(`${url}/`);
        sessions.set(role, await page.context().cookies());
      }
      return visited;
    },
    async leave() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async stop() {
      await browser.close();
      if (child.exitCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
      await db.close();
      await redis.clean();
      await database.drop();
    },
  };
}

export async function fillIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function startProcess(
  databaseUrl: string,
  redisUrl: string,
  namespace: string,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [...FAST_START.args, MAIN], {
    env: {
      PATH: process.env.PATH,
      ...FAST_START.env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      NAMESPACE: namespace,
      DASHBOARD_PORT: '0',
      NODE_ENV: 'test',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as { level: string; message: string; url?: string };
      if (entry.message === 'dashboard listens') resolve(entry.url!);
      if (entry.level === 'error') console.error(line);
    });
    child.once('exit', () => reject(new Error('the dashboard process ended before it listened')));
  });
  return { child, url };
}

async function openVisit(browser: Browser, url: string, options: VisitOptions): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
  });
  const page = await context.newPage();
  // Below the test's own limit, so that what was waited for is named.
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.origin !== url) complaints.push(`asked ${request.url()}`);
  });
  return { page, complaints };
}
