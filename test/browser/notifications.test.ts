import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './dashboard.ts';
import { type Rows, writeRows } from './notifications-in-rows.ts';

let dashboard: TestDashboard;
let rows: Rows;
beforeAll(async () => {
  dashboard = await startDashboard();
  rows = await writeRows(dashboard.db.sql);
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

test('the list shows the newest first and walks to the oldest without losing or repeating one', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  const seen: string[] = [];
  for (;;) {
    const links = await page
      .locator('.row-link')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    seen.push(...links.map((href) => href!.replace('/notifications/', '')));
    const older = page.getByRole('link', { name: 'Older' });
    if ((await older.count()) === 0) break;
    await older.click();
  }
  expect(seen).toEqual([rows.scheduled, rows.inDoubt, rows.dead, rows.delivered, ...rows.many]);
  expect(complaints).toEqual([]);
});

test('a notification shows its story in order, and what a provider said cannot become markup', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/notifications/${rows.delivered}`);
  const titles = await page.locator('.timeline li strong').allTextContents();
  expect(titles).toEqual([
    'Accepted',
    'Put into its lane',
    'Attempt 1: resend, email',
    'Transient failure, next try in 30 s',
    'Attempt 2: resend, email',
    'Sent: resend accepted it',
    'Receipt: delivered',
  ]);
  expect(await page.getByText('ada.lovelace@example.com').isVisible()).toBe(true);
  expect(await page.getByText('Shop <b>&</b> Sons').isVisible()).toBe(true);

  await page.goto(`${dashboard.url}/notifications/${rows.dead}`);
  expect(await page.getByText('<script>alert("xss")</script>').isVisible()).toBe(true);
  expect(await page.content()).not.toContain('123456');
  expect(complaints).toEqual([]);
});

test('filters, a recipient, an address and an id each find their notifications', async () => {
  const { page } = await dashboard.logIn('operator');
  const count = () => page.locator('.row-link').count();
  await page.getByLabel('Status').selectOption('suppressed');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await count()).toBe(7);
  await page.getByLabel('Priority').selectOption('critical');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await page.getByText('No notification matches.').isVisible()).toBe(true);

  await page.getByRole('link', { name: 'Clear' }).click();
  await page.getByLabel('Channel').selectOption('push');
  await page.getByRole('searchbox').fill('ada.lovelace@example.com');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await count()).toBe(1);

  await page.getByRole('searchbox').fill(rows.dead);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(`${dashboard.url}/notifications/${rows.dead}`);
});

test('a viewer sees states but no addresses, and has no way to retry', async () => {
  const { page, complaints } = await dashboard.logIn('viewer');
  expect(await page.locator('.list').textContent()).not.toContain('+15005550009');
  await page.goto(`${dashboard.url}/notifications/${rows.dead}`);
  expect(await page.locator('body').textContent()).not.toContain('5005550009');
  expect(await page.getByText('+15***09').first().isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  expect(complaints).toEqual([]);

  const token = await page.locator('input[name=token]').first().getAttribute('value');
  const refused = await page.request.post(`${dashboard.url}/notifications/${rows.dead}/retry`, {
    form: { token: token! },
    headers: { origin: dashboard.url },
  });
  expect(refused.status()).toBe(403);
  expect(await refused.text()).toContain('operator or admin');
  expect(await stateOf(rows.dead)).toBe('dead');
});

test('an operator retries a dead one: it is pending, the relay has its row, and the journal names the person', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/notifications/${rows.dead}`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('status').getByText('Retry accepted').waitFor();
  expect(await stateOf(rows.dead)).toBe('pending');
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  expect(await page.locator('.timeline').textContent()).toContain('operator@example.com');

  const { sql } = dashboard.db;
  expect(await sql`select kind, lane, ids from outbox`).toEqual([
    { kind: 'delivery.resumed', lane: 'sms-critical', ids: [rows.dead] },
  ]);
  const [entry] = await sql`select actor, subject from audit_log where action = 'notification.retry'`;
  expect(entry).toEqual({ actor: 'staff:operator@example.com', subject: `notification:${rows.dead}` });
  expect(complaints).toEqual([]);
});

test('a retry without the form token, or from another origin, changes nothing', async () => {
  const { page } = await dashboard.logIn('admin');
  const url = `${dashboard.url}/notifications/${rows.delivered}/retry`;
  const untokened = await page.request.post(url, { form: {}, headers: { origin: dashboard.url } });
  expect(untokened.status()).toBe(403);
  const foreign = await page.request.post(url, { form: {}, headers: { origin: 'https://evil.example' } });
  expect(foreign.status()).toBe(403);
});

test('an unknown URL is answered with an error page', async () => {
  const { page } = await dashboard.logIn('viewer');
  for (const where of ['/notifications/nonsense', `/notifications/${crypto.randomUUID()}`, '/nowhere']) {
    expect((await page.goto(dashboard.url + where))?.status()).toBe(404);
  }
});

test.each([1280, 380])('no page is wider than a window of %d px', async (width) => {
  const { page } = await dashboard.logIn('operator', { width });
  for (const where of ['/', '/?status=expired', `/notifications/${rows.delivered}`]) {
    await page.goto(dashboard.url + where);
    const scrolls = await page.evaluate('document.documentElement.scrollWidth');
    expect(scrolls, where).toBeLessThanOrEqual(width);
  }
});

async function stateOf(id: string): Promise<string> {
  const [row] = await dashboard.db.sql<{ state: string }[]>`select state from notifications where id = ${id}`;
  return row!.state;
}
