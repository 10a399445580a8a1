import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { inboxExample } from '@carillon/inbox/example';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { buildInbox } from '../../packages/inbox/build.ts';
import { launchChromium } from '../support/chromium.ts';
import { testDatabase } from '../support/database.ts';
import { deliverInApp, insertRecipient } from '../support/inbox-rows.ts';
import { testRedis } from '../support/redis.ts';
import { type ServedApi, servedApi } from '../support/served-api.ts';

export const INBOX_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

export interface InboxTest {
  api: ServedApi;
  browser: Browser;
  /** Of the page: another origin than the API's. */
  origin: string;
  /** A recipient of its own for a test. */
  person(): Promise<InboxOwner>;
  deliver(owner: InboxOwner, title: string, category?: string | null): Promise<string>;
  /** The page of the example, in a context of its own unless one is given. */
  visit(owner: InboxOwner, options?: VisitInbox): Promise<InboxPage>;
  stop(): Promise<void>;
}

export interface VisitInbox extends BrowserContextOptions {
  context?: BrowserContext;
  /** Of the example's page. */
  query?: Record<string, string>;
  /** Called before the page is loaded. */
  before?(page: Page): Promise<unknown>;
}

export interface InboxPage {
  page: Page;
  bell: Locator;
  panel: Locator;
  messages: Locator;
  /** Opens the panel and waits for the list. */
  open(): Promise<void>;
  /** Errors of the browser: breaches of the content security policy and of Trusted Types among them. */
  complaints: string[];
  /** Paths of the API that were called. */
  calls: string[];
}

/** An API, a page on another origin with a strict policy that shows inboxes, and a browser. */
export async function startInboxTest(): Promise<InboxTest> {
  await buildInbox();
  const database = await testDatabase();
  const redis = testRedis();
  const api = await servedApi(database.url, { redis, env: { ENCRYPTION_KEYS: INBOX_KEYS } });
  const answer = inboxExample({ apiUrl: api.url, apiKey: await api.key(), base: '/inbox' });
  const server = createServer(async (request, response) => {
    const { method = 'GET', url, headers } = request;
    const body = method === 'POST' ? { body: await new Response(request as never).text() } : {};
    const answered = await answer(new Request(`http://${headers.host}${url}`, { method, ...body }));
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = await api.key({ scopes: ['installation'] });
  await api.request('PATCH', `/v1/apps/${api.appId}`, { allowed_origins: [origin] }, { key });
  const browser = await launchChromium();
  let people = 0;

  return {
    api,
    browser,
    origin,
    person: () => insertRecipient(api.db.sql, api.appId, `person_${++people}`),
    deliver: (owner, title, category = null) => deliverInApp(api.db.sql, owner, { title, category }),
    async visit({ recipientId }, { context: given, query, before, ...options } = {}) {
      const context =
        given ??
        (await browser.newContext({
          viewport: { width: 1280, height: 800 },
          locale: 'en-GB',
          timezoneId: 'Europe/Berlin',
          reducedMotion: 'reduce',
          ...options,
        }));
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      const complaints: string[] = [];
      const calls: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (request.url().startsWith(api.url)) calls.push(request.url().slice(api.url.length));
      });
      await before?.(page);
      await page.goto(`${origin}/inbox?${new URLSearchParams({ person: recipientId, ...query })}`);
      const bell = page.locator('carillon-inbox button.bell');
      const panel = page.getByRole('dialog');
      const messages = panel.getByRole('listitem');
      const open = async () => {
        await bell.click();
        await panel.waitFor();
        await panel.locator('[aria-busy]').waitFor({ state: 'detached' });
      };
      return { page, bell, panel, messages, open, complaints, calls };
    },
    async stop() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await api.close();
      await redis.clean();
      await database.drop();
    },
  };
}
