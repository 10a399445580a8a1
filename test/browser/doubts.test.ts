import { laneOf } from '@carillon/core/notification/lane';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDashboard, type TestDashboard, type Visit } from './dashboard.ts';
import { type Rows, writeRows } from './notifications-in-rows.ts';

let dashboard: TestDashboard;
let rows: Rows;
beforeAll(async () => {
  dashboard = await startDashboard();
  rows = await writeRows(dashboard.db.sql, 3);
});
// Each test finds the doubt as the pipeline left it.
beforeEach(async () => {
  const { sql } = dashboard.db;
  await sql`
    update notifications set state = 'in_doubt', next_attempt_at = null, provider_message_id = null,
      error_code = 'timeout', error = 'no answer' where id = ${rows.inDoubt}`;
  await sql`update delivery_attempts set provider_message_id = null where notification_id = ${rows.inDoubt}`;
  await sql`delete from notification_history where notification_id = ${rows.inDoubt}`;
  await sql`delete from outbox`;
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const open = async ({ page }: Visit, id: string) => page.goto(`${dashboard.url}/notifications/${id}`);
const rowOf = async (id: string) =>
  (await dashboard.db.sql`select state, provider_message_id from notifications where id = ${id}`)[0];

test('an operator marks a doubt as sent: it is sent, and timeline and audit log name the person', async () => {
  const visit = await dashboard.logIn('operator');
  const { page, complaints } = visit;
  await page.getByRole('link', { name: 'Doubts', exact: true }).click();
  await page.locator(`a[href="/notifications/${rows.inDoubt}"]`).click();
  await page.getByRole('heading', { name: 'Settle this doubt' }).waitFor();
  await page.getByLabel('Message id at the provider').fill('smtp-4711');
  await page.getByLabel('How you know').fill('the <b>customer</b> has it');
  await page.getByRole('button', { name: 'Mark as sent' }).click();
  await page.getByRole('status').getByText('Marked as sent').waitFor();

  expect(await rowOf(rows.inDoubt)).toEqual({ state: 'sent', provider_message_id: 'smtp-4711' });
  const last = page.locator('.timeline li').last();
  expect(await last.textContent()).toContain('Marked as sent by hand: the <b>customer</b> has it');
  expect(await last.textContent()).toContain('by staff:operator@example.com');
  expect(await page.getByRole('heading', { name: 'Settle this doubt' }).count()).toBe(0);
  const audit = await dashboard.db.sql`
    select actor, action from audit_log where subject = ${`notification:${rows.inDoubt}`} order by id desc limit 1`;
  expect(audit).toEqual([{ actor: 'staff:operator@example.com', action: 'notification.mark_sent' }]);
  await page.goto(`${dashboard.url}/doubts`);
  expect(await page.getByText('Nothing is in doubt.').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test('a viewer sees the doubt and its history but can settle nothing, whatever is posted', async () => {
  const visit = await dashboard.logIn('viewer');
  const { page, complaints } = visit;
  await open(visit, rows.inDoubt);
  await page.getByRole('heading', { name: 'Settle this doubt' }).waitFor();
  expect(await page.getByText('It waits for a person').isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: /sent|again|retry/i }).count()).toBe(0);
  const token = await page.locator('input[name=token]').first().getAttribute('value');
  for (const verb of ['mark-sent', 'retry']) {
    const answer = await page.request.post(`${dashboard.url}/notifications/${rows.inDoubt}/${verb}`, {
      form: { token: token!, accept_duplicate_risk: 'yes' },
      headers: { origin: dashboard.url },
    });
    expect(answer.status()).toBe(403);
    expect(await answer.text()).toContain('operator or admin');
  }
  expect(await rowOf(rows.inDoubt)).toMatchObject({ state: 'in_doubt' });
  expect(complaints).toEqual([]);
});

test('sending again requires the tick that it may arrive twice, also without the browser’s check', async () => {
  const visit = await dashboard.logIn('operator');
  const { page } = visit;
  await open(visit, rows.inDoubt);
  const button = page.getByRole('button', { name: 'Send again (may arrive twice)' });
  await button.click();
  expect(await page.locator('input[name=accept_duplicate_risk]:invalid').count()).toBe(1);

  const token = await page.locator('input[name=token]').first().getAttribute('value');
  const bare = await page.request.post(`${dashboard.url}/notifications/${rows.inDoubt}/retry`, {
    form: { token: token! },
    headers: { origin: dashboard.url },
  });
  expect(await bare.text()).toContain('Tick the box');
  expect(await rowOf(rows.inDoubt)).toMatchObject({ state: 'in_doubt' });
  expect(await dashboard.db.sql`select ids from outbox`).toEqual([]);

  await page.getByLabel('I know that it may arrive twice').check();
  await button.click();
  await page.getByRole('status').getByText('Retry accepted').waitFor();
  expect(await rowOf(rows.inDoubt)).toMatchObject({ state: 'pending' });
  expect(await dashboard.db.sql`select kind, lane, ids from outbox`).toEqual([
    { kind: 'delivery.resumed', lane: laneOf('email', 'normal'), ids: [rows.inDoubt] },
  ]);
});

test('a dead one whose last call is in doubt has no plain Retry', async () => {
  await dashboard.db.sql`update notifications set state = 'dead' where id = ${rows.inDoubt}`;
  const visit = await dashboard.logIn('admin');
  const { page } = visit;
  await open(visit, rows.inDoubt);
  await page.getByRole('heading', { name: 'It may have arrived' }).waitFor();
  expect(await page.getByRole('button', { name: 'Retry', exact: true }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Mark as sent' }).count()).toBe(0);
  await page.getByLabel('I know that it may arrive twice').check();
  await page.getByRole('button', { name: 'Send again (may arrive twice)' }).click();
  await page.getByRole('status').getByText('Retry accepted').waitFor();
  expect(await rowOf(rows.inDoubt)).toMatchObject({ state: 'pending' });
});

test('the id of another message is refused and explained', async () => {
  await dashboard.db.sql`
    update delivery_attempts set provider = 'smtp', provider_message_id = 'smtp-of-another'
    where notification_id = ${rows.delivered} and n = 2`;
  const visit = await dashboard.logIn('operator');
  const { page } = visit;
  await open(visit, rows.inDoubt);
  await page.getByLabel('Message id at the provider').fill('smtp-of-another');
  await page.getByRole('button', { name: 'Mark as sent' }).click();
  await page.getByRole('status').getByText('another notification').waitFor();
  expect(await rowOf(rows.inDoubt)).toMatchObject({ state: 'in_doubt' });
});

test('doubts that wait for a person come before those that settle automatically, each oldest first', async () => {
  const { sql } = dashboard.db;
  const due = new Date(Date.now() + 60_000);
  const [first, second, third] = rows.many as [string, string, string];
  await sql`update notifications set state = 'in_doubt', next_attempt_at = ${due} where id = ${third}`;
  await sql`update notifications set state = 'in_doubt', category = 'critical' where id in ${sql([first, second])}`;
  await sql`
    insert into categories (app_id, environment, name, delivery_policy)
    select app_id, environment, x.name, x.policy from notifications,
      (values ('*', 'at_most_once'), ('critical', 'ask')) as x (name, policy)
    where id = ${first}`;
  const { page } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/doubts`);
  const links = await page.locator('.row-link').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  // Of the many, the later ones in the list were accepted earlier.
  expect(links).toEqual([second, first, rows.inDoubt, third].map((id) => `/notifications/${id}`));
  const policies = await page.locator('.list td:nth-child(5)').allTextContents();
  expect(policies).toEqual([
    'ask a person',
    'ask a person',
    'rather not than twice',
    'rather not than twice',
  ]);
  expect(await page.getByText('3 for a person').isVisible()).toBe(true);
  expect(await page.getByText('by itself').count()).toBe(1);
  expect(await page.locator('.list').textContent()).not.toContain('user_42@');
  await sql`update notifications set state = 'sent', next_attempt_at = null where id in ${sql(rows.many)}`;
});

test('the class of the account is shown where it is known', async () => {
  await dashboard.db.sql`
    insert into provider_accounts (id, provider, channel, environments, position, managed_by)
    values ('smtp', 'smtp', 'email', array['test'], 10, 'file')`;
  const visit = await dashboard.logIn('viewer');
  await open(visit, rows.inDoubt);
  expect(await visit.page.getByText('smtp is of class D').isVisible()).toBe(true);
});

test('a provider’s text shows no address to a viewer, not even in the timeline', async () => {
  await dashboard.db.sql`
    insert into notification_history (notification_id, state, actor, reason)
    values (${rows.inDoubt}, 'in_doubt', 'resolver', 'found in the list of ada.lovelace@example.com')`;
  const visit = await dashboard.logIn('viewer');
  await open(visit, rows.inDoubt);
  const text = await visit.page.locator('.timeline').textContent();
  expect(text).toContain('Found in the list of a***@example.com');
});

test.each([1280, 380])('no page about doubts is wider than a window of %d px', async (width) => {
  const { page } = await dashboard.logIn('operator', { width });
  for (const where of ['/doubts', `/notifications/${rows.inDoubt}`]) {
    await page.goto(dashboard.url + where);
    expect(await page.evaluate('document.documentElement.scrollWidth'), where).toBeLessThanOrEqual(width);
  }
});
