import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { ROLE_NAMES, type Role } from '@carillon/core/access/roles';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { producerConnection } from '@carillon/queue/connection';
import { createLaneReader } from '@carillon/queue/read-lanes';
import type { Browser, Cookie, Page } from 'playwright-core';
import { expect } from 'vitest';
import { buildUi } from '../../apps/dashboard/ui/build.ts';
import { launchChromium } from '../support/chromium.ts';
import { testDatabase } from '../support/database.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type TestRedis, testRedis } from '../support/redis.ts';
import { type ServedApi, servedApi } from '../support/served-api.ts';
import { givenStaff } from '../support/staff.ts';
import { until } from '../support/until.ts';

export const PASSWORD = 'a sentence that nobody guesses';
/** Seals the credentials of provider accounts, and signs what the dashboard tells the API about staff. */
const ENCRYPTION_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
/** Screenshots are kept here: the folder is an artefact of the CI. */
const PICTURES = path.join(import.meta.dirname, '../../node_modules/.cache/carillon/screenshots');

/** A dashboard and an API with a database of their own, one account per role, and a browser to look at them. */
export interface TestDashboard {
  url: string;
  api: ServedApi;
  db: Database;
  redis: TestRedis;
  /** The app that everything belongs to unless said otherwise; its name is "Test app". */
  appId: string;
  /** The dashboard's process, to end it. */
  program: Program;
  /** A page in a fresh browser context, not signed in. */
  visit(options?: VisitOptions): Promise<Visit>;
  /** A page signed in as `<role>@example.com`, at this path. A valid session is reused. */
  signIn(role: Role, at?: string, options?: VisitOptions): Promise<Visit>;
  /** Closes all pages. Call it in afterEach. */
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
export async function startDashboard({ redisUrl }: { redisUrl?: string } = {}): Promise<TestDashboard> {
  await buildUi();
  const database = await testDatabase();
  const redis = testRedis();
  const db = openDatabase({ url: database.url, name: 'browser test', connections: 2 });
  for (const role of ROLE_NAMES)
    await givenStaff(db.sql, { email: `${role}@example.com`, password: PASSWORD, role });
  const connection = producerConnection(redisUrl ?? redis.url, 'browser test');
  const lanes = createLaneReader(connection, redis.namespace);
  const api = await servedApi(database.url, { lanes, env: { ENCRYPTION_KEYS } });
  const program = startProgram('apps/dashboard/server/main.ts', {
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl ?? redis.url,
    NAMESPACE: redis.namespace,
    API_URL: api.url,
    ENCRYPTION_KEYS,
    DASHBOARD_PORT: '0',
  });
  const url = await program.says(/"url":"(http:[^"]+)"/);
  const browser = await launchChromium();

  const visit = (options: VisitOptions = {}) => openVisit(browser, url, options);
  const sessions = new Map<Role, Cookie[]>();
  return {
    url,
    api,
    db,
    redis,
    appId: api.appId,
    program,
    visit,
    async signIn(role, at = '/', options) {
      const visited = await visit(options);
      const { page } = visited;
      await page.context().addCookies(sessions.get(role) ?? []);
      await page.goto(`${url}${at}`);
      const form = page.getByRole('heading', { name: 'Sign in to Carillon' });
      await form.or(page.getByRole('banner')).first().waitFor();
      if (await form.isVisible()) {
        await fillIn(page, `${role}@example.com`, PASSWORD);
        await page.getByRole('banner').waitFor();
        sessions.set(role, await page.context().cookies());
        // The 401 of the look for a session before the form is shown.
        visited.complaints.length = 0;
      }
      return visited;
    },
    async leave() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async stop() {
      await browser.close();
      await program.stop();
      await api.close();
      await lanes.close();
      connection.disconnect();
      await db.close();
      await redis.clean();
      await database.drop();
    },
  };
}

export async function fillIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** No violation of WCAG 2.2 AA on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  await still(page);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // Somebody else's mail, in a frame without scripts, in which axe would never return.
    .exclude('.message-frame')
    .analyze();
  expect(
    violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 200)) })),
  ).toEqual([]);
}

/** Colours and places are measured once nothing moves any more. */
async function still(page: Page): Promise<void> {
  await until('the page to be still', () =>
    page.evaluate<boolean>("document.getAnimations().every(({ playState }) => playState !== 'running')"),
  );
}

/** Nothing of the page lies outside of the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [wide, window] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(wide).toBeLessThanOrEqual(window);
}

/** Keeps a picture of the whole page, in the CI and where PICTURES is set: they take a third of the time. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.CI && !process.env.PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}

/**
 * Looks at a page in both colour schemes and both widths: no sideways scroll, no complaint of the browser, accessible in
 * both schemes; a picture of each is kept.
 *
 * @param ready resolves once the page shows what it is for.
 */
export async function expectGoodPage(
  dashboard: TestDashboard,
  role: Role,
  at: string,
  name: string,
  ready: (page: Page) => Promise<unknown>,
): Promise<void> {
  const { page, complaints } = await dashboard.signIn(role, at);
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['dark', 390],
    ['light', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    await ready(page);
    await still(page);
    await picture(page, `${name}-${colorScheme}-${width}`);
    await expectNoSidewaysScroll(page);
    // The colours and most of the markup are the same at both widths, and this takes seconds.
    if (width > 390) await expectAccessible(page);
  }
  expect(complaints).toEqual([]);
}

async function openVisit(browser: Browser, url: string, options: VisitOptions): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    // Without them the library of the charts and every formatted time depend on the machine.
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
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
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== url)
      complaints.push(`asked ${request.url()}`);
  });
  return { page, complaints };
}
