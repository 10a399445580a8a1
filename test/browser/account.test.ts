import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { givenStaff } from '../support/staff.ts';
import { totp } from '../support/totp.ts';
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

test('a session that was lost is asked for over the page, which keeps its draft', async () => {
  const { page } = await dashboard.signIn('marketer', '/account');
  await page.getByLabel('New password').fill('a draft of a password');
  await dashboard.db
    .sql`delete from staff_logins where staff_id = (select id from staff where email = 'marketer@example.com')`;
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('Your session has ended').first().waitFor();
  await page
    .getByRole('dialog')
    .getByLabel(/^Password/)
    .fill(PASSWORD);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByLabel('New password').inputValue()).toBe('a draft of a password');
});

test('a second factor is added with its recovery codes, and then asked for', async () => {
  await givenStaff(dashboard.db.sql, { email: 'factor@example.com', password: PASSWORD, role: 'viewer' });
  const { page } = await dashboard.visit();
  await page.goto(`${dashboard.url}/account`);
  await fillIn(page, 'factor@example.com', PASSWORD);
  await page.getByLabel(/^Your password, to confirm/).fill(PASSWORD);
  await page.getByRole('button', { name: 'Add an authenticator app' }).click();
  const uri = await page.getByRole('link', { name: 'this link' }).getAttribute('href');
  const recovery = await page.locator('code').first().textContent();
  await page.getByLabel(/^3\. The code/).fill(totp(new URL(uri!).searchParams.get('secret')!));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await page.getByText('Signing in asks for a code of your').waitFor();

  const again = await dashboard.visit();
  await again.page.goto(dashboard.url);
  await fillIn(again.page, 'factor@example.com', PASSWORD);
  await again.page.getByLabel(/^Code of your authenticator app/).waitFor();
  await again.page.getByRole('button', { name: 'Use a recovery code' }).click();
  await again.page.getByLabel(/^Recovery code/).fill(recovery!);
  await again.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await again.page.getByRole('banner').waitFor();
});

test('the page of the account is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'owner', '/account', 'account', (page) =>
    page.getByText('this one').waitFor(),
  );
});
