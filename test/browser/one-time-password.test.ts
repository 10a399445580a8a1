import { hashPassword } from '@carillon/core/access/password';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fillIn, startDashboard, type TestDashboard } from './dashboard.ts';

const ONE_TIME = '7QK2D-0HB4X-MJ8RT-5WZ1C';
const CHOSEN = 'violet otter lamp 42';
const EMAIL = 'new@example.com';

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
  await dashboard.db.sql`
    insert into staff (email, role, password_hash, one_time_until)
    values (${EMAIL}, 'admin', ${await hashPassword(ONE_TIME)}, now() + interval '1 hour')`;
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

test('a one-time password opens only the page for a new one, which then is the only valid password', async () => {
  const { page, complaints } = await dashboard.visit();
  await page.goto(`${dashboard.url}/providers`);
  await fillIn(page, EMAIL, ONE_TIME);
  await page.waitForURL(`${dashboard.url}/password`);
  for (const path of ['/', '/queues', '/providers/new', '/notifications/x']) {
    await page.goto(`${dashboard.url}${path}`);
    expect(new URL(page.url()).pathname).toBe('/password');
  }
  const choose = async (password: string, again: string) => {
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(again);
    await page.getByRole('button', { name: 'Save the password' }).click();
  };
  await choose('short', 'short');
  expect(await page.getByRole('alert').textContent()).toContain('5 characters');
  await choose(CHOSEN, `${CHOSEN}!`);
  expect(await page.getByRole('alert').textContent()).toContain('not the same');
  await choose(CHOSEN, CHOSEN);
  await page.waitForURL(`${dashboard.url}/`);
  expect(await page.getByRole('heading', { level: 1 }).first().isVisible()).toBe(true);
  await page.goto(`${dashboard.url}/password`);
  expect(new URL(page.url()).pathname).toBe('/');
  // The browser itself reports the two answers with 422.
  expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);

  const second = (await dashboard.visit()).page;
  await second.goto(dashboard.url);
  await fillIn(second, EMAIL, ONE_TIME);
  expect(await second.getByRole('alert').textContent()).toContain('wrong');
  await fillIn(second, EMAIL, CHOSEN);
  await second.waitForURL(`${dashboard.url}/`);
  const [entry] = await dashboard.db.sql`
    select actor, detail from audit_log where action = 'staff.password'`;
  expect(entry).toEqual({ actor: `staff:${EMAIL}`, detail: {} });
});
