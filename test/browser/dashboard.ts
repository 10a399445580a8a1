import { mkdirSync } from 'node:fs';
import path from 'node:path';
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
import { expectAccessible, expectAccessibleColours, still } from './accessibility.ts';

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
  /** For other programs on the same database. */
  databaseUrl: string;
  redis: TestRedis;
  /** The app that everything belongs to unless said otherwise; its name is "Test app". */
  appId: string;
  /** The dashboard's process, to end it. */
  program: Program;
  /** A page in a fresh browser context, not signed in. */
  visit(options?: VisitOptions): Promise<Visit>;
  /**
   * A page signed in as `<role>@example.com`, at this path. Where no options are given it may be one of an earlier test,
   * with nothing stored in it but the session: it has the scripts already, and opening another takes two seconds.
   */
  signIn(role: Role, at?: string, options?: VisitOptions): Promise<Visit>;
  /** Closes the pages, or empties them for the next test. Call it in afterEach. */
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
  const pages = signedInPages(url, visit);
  return {
    url,
    api,
    db,
    databaseUrl: database.url,
    redis,
    appId: api.appId,
    program,
    visit,
    signIn: pages.signIn,
    async leave() {
      await pages.empty();
      const others = browser.contexts().filter((context) => !pages.contexts().includes(context));
      await Promise.all(others.map((context) => context.close()));
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

/** Sessions, and pages that keep them from test to test. */
function signedInPages(url: string, visit: TestDashboard['visit']) {
  const sessions = new Map<Role, Cookie[]>();
  const kept: { role: Role; visited: Visit; isFree: boolean }[] = [];
  const signIn: TestDashboard['signIn'] = async (role, at = '/', options) => {
    const free = options === undefined && kept.find((each) => each.role === role && each.isFree);
    const visited = free ? free.visited : await visit(options);
    const { page, complaints } = visited;
    if (free) free.isFree = false;
    else await page.context().addCookies(sessions.get(role) ?? []);
    if (!free && options === undefined) kept.push({ role, visited, isFree: false });
    await page.goto(`${url}${at}`);
    const form = page.getByRole('heading', { name: 'Sign in to Carillon' });
    await form.or(page.getByRole('banner')).first().waitFor();
    if (await form.isVisible()) {
      await fillIn(page, `${role}@example.com`, PASSWORD);
      await page.getByRole('banner').waitFor();
      sessions.set(role, await page.context().cookies());
      // The 401 of the look for a session before the form is shown.
      complaints.length = 0;
    }
    return visited;
  };
  return {
    signIn,
    contexts: () => kept.map(({ visited }) => visited.page.context()),
    async empty(): Promise<void> {
      await Promise.all(kept.filter(({ isFree }) => !isFree).map(({ visited }) => emptied(visited)));
      for (const each of kept) each.isFree = true;
    },
  };
}

/** As a new page: nothing is stored, intercepted, shown or asked for. */
async function emptied({ page, complaints }: Visit): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.evaluate('localStorage.clear(), sessionStorage.clear()');
  await page.goto('about:blank');
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 800 });
  complaints.length = 0;
}

export async function fillIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Nothing of the page lies outside of the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [wide, window] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(wide).toBeLessThanOrEqual(window);
}

/** Keeps a picture of the whole page where PICTURES is set, as in a job of the CI: they take a third of the time. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}

/** The fourth is only worth a picture: the colours were looked at, and no place depends on the scheme. */
const VIEWS = [
  ['light', 1280],
  ['dark', 1280],
  ['dark', 390],
  ...(process.env.PICTURES ? [['light', 390] as const] : []),
] as const;

/**
 * Looks at a page in both colour schemes and both widths: no sideways scroll, no complaint of the browser, accessible in
 * both schemes; a picture of each is kept.
 *
 * @param ready resolves once the page shows what it is for.
 * @param options.open opens what is looked at, a dialog or a menu, once the page is still: a page that moves under the pointer gets
 *   no click.
 * @param options.narrow looks at the markup of the narrow page too: for one that has other elements there.
 * @param options.refusals the page shows what the server refuses or does not have (422, 404), which the browser notes as errors.
 */
export async function expectGoodPage(
  dashboard: TestDashboard,
  role: Role,
  at: string,
  name: string,
  ready: (page: Page) => Promise<unknown>,
  {
    open,
    narrow = false,
    refusals = false,
  }: { open?: (page: Page) => Promise<unknown>; narrow?: boolean; refusals?: boolean } = {},
): Promise<void> {
  const { page, complaints } = await dashboard.signIn(role, at);
  await ready(page);
  await still(page);
  await open?.(page);
  for (const [colorScheme, width] of VIEWS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    if (open === undefined) await ready(page);
    await still(page);
    await picture(page, `${name}-${colorScheme}-${width}`);
    await expectNoSidewaysScroll(page);
    // The colours and most of the markup are the same at both widths.
    if (width > 390 || narrow)
      await (colorScheme === 'light' ? expectAccessible : expectAccessibleColours)(page);
  }
  expect(refusals ? complaints.filter((each) => !/status of (404|422)/.test(each)) : complaints).toEqual([]);
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
