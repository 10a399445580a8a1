import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectGoodPage, fillIn, PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

test('a wrong password is refused beside the form, the right one opens the dashboard', async () => {
  const { page } = await dashboard.visit();
  await page.goto(dashboard.url);
  await fillIn(page, 'viewer@example.com', 'wrong');
  await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/invalid email or password/i);
  await fillIn(page, 'viewer@example.com', PASSWORD);
  await page.getByRole('banner').waitFor();
});

test("one sees and ends sessions of one's own", async () => {
  const { page } = await dashboard.signIn('support', '/account');
  await page.getByText('this one').waitFor();
});

test('the page of the account is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'owner', '/account', 'account', (page) =>
    page.getByText('this one').waitFor(),
  );
});
