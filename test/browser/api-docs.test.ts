import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { launchChromium } from '../support/chromium.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { expectAccessible } from './accessibility.ts';
import { expectNoSidewaysScroll, picture } from './dashboard.ts';

/** The page renders every operation at once: on a busy machine that takes long. */
const PATIENCE_MS = 100_000;
/** Of Swagger UI itself, which has no option for them. */
const NOT_OURS: readonly string[] = ['color-contrast', 'nested-interactive', 'select-name', 'target-size'];

let database: TestDatabase;
let api: ApiUnderTest;
let server: ServerType;
let browser: Browser;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  server = createAdaptorServer({ fetch: api.app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => server.close(resolve));
  await api.close();
  await database.drop();
});

test('the reference page works without the internet and without breaking its own security policy', {
  timeout: 120_000,
}, async () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const strangers: string[] = [];
  const complaints: string[] = [];
  await page.route('**/*', (route) => {
    const url = route.request().url();
    if (url.startsWith(origin) || url.startsWith('data:')) return route.continue();
    strangers.push(url);
    return route.abort();
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));

  await page.goto(`${origin}/docs`);
  const send = page.locator('#operations-Notifications-sendNotification');
  await page.locator('#operations-tag-Notifications').click();
  await send.waitFor();
  await send.getByRole('button').first().click();
  await page.getByText('Answered 202 once the notification is stored for good').waitFor();
  await page.getByText('Idempotent-Replayed').first().waitFor();
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});

test('the reference page fits narrow screens, follows the dark scheme and shows examples', {
  timeout: 240_000,
}, async () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext({
    colorScheme: 'dark',
    viewport: { width: 390, height: 800 },
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${origin}/docs`);
  const send = page.locator('#operations-Notifications-sendNotification');
  await page.locator('#operations-tag-Notifications').click();
  await send.waitFor();
  await send.getByRole('button').first().click();
  await page.getByText('order-17-shipped').first().waitFor();
  await page.evaluate('scrollTo(0, 0)');
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await expect.poll(async () => (await background()) === 'rgb(28, 32, 34)').toBe(colorScheme === 'dark');
    await picture(page, `docs-${colorScheme}-390`);
    await expectNoSidewaysScroll(page);
    await expectAccessible(page, NOT_OURS);
  }
  await context.close();
});
