import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { launchChromium } from '../support/chromium.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

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

test('the reference page works without the internet and without breaking its own security policy', async () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await browser.newPage();
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
