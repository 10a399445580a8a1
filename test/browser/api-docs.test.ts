import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { launchChromium } from '../support/chromium.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
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
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 390, height: 800 },
      locale: 'en-GB',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${origin}/docs`);
    const send = page.locator('#operations-Notifications-sendNotification');
    await send.waitFor();
    await send.getByRole('button').first().click();
    await page.getByText('order-17-shipped').first().waitFor();
    await page.evaluate('scrollTo(0, 0)');
    await picture(page, `docs-${colorScheme}-390`);
    await expectNoSidewaysScroll(page);
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id }) => id).filter((id) => !NOT_OURS.includes(id))).toEqual([]);
    const background = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(background === 'rgb(28, 32, 34)').toBe(colorScheme === 'dark');
    await context.close();
  }
});
