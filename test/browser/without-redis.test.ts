import { once } from 'node:events';
import { freePort } from '@carillon/local/ports';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './dashboard.ts';
import { type Rows, writeRows } from './notifications-in-rows.ts';

let dashboard: TestDashboard;
let rows: Rows;
beforeAll(async () => {
  dashboard = await startDashboard(`redis://127.0.0.1:${await freePort()}`);
  rows = await writeRows(dashboard.db.sql, 1);
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

test('while Redis is unavailable every notification is still shown and can be retried, and the page says what is unknown', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  expect(await page.getByText('Redis does not answer').isVisible()).toBe(true);
  expect(await page.locator('.row-link').count()).toBe(5);
  await page.goto(`${dashboard.url}/notifications/${rows.dead}`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByText('Retry accepted').waitFor();
  expect(complaints).toEqual([]);
});

test('Bull Board fails without Redis, but the process runs on and stops cleanly', async () => {
  const { page } = await dashboard.logIn('viewer');
  const answer = await page.request.get(`${dashboard.url}/queues/api/queues`);
  expect(answer.status()).toBe(500);
  expect((await fetch(`${dashboard.url}/healthz`)).status).toBe(200);
  const exited = once(dashboard.child, 'exit');
  dashboard.child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
