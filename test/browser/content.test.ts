import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** A mail that tries to report that it was opened, and to take over the page. */
const hostile = (sender: string): string => `<h1 style="color: rgb(1, 2, 3)">Your order</h1>
<script>parent.document.title = 'taken over'</script><img src="${sender}/pixel.gif" onerror="alert(1)">
<img id="own" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">
<meta http-equiv="refresh" content="0; url=${sender}/"><link rel="stylesheet" href="${sender}/a.css">
<form action="${sender}/"><button>Send</button></form><a href="${sender}/" target="_top">Shop</a>`;

async function hostileMail(sender: string): Promise<string> {
  const { sql } = dashboard.db;
  await sql`
    update notifications set template_id = null, template_version = null, locale = null,
      content = ${sql.json({ subject: 'Order <17>', text: 'Your order', html: hostile(sender) })}
    where id = ${rows.many[0]!}`;
  return rows.many[0]!;
}

const readings = (id: string) =>
  dashboard.db.sql`
    select actor from audit_log where action = 'notification.read_content' and subject = ${`notification:${id}`}`;

/** Runs in the browser, whose types are not available here. */
const colourOf = (element: unknown): string =>
  (globalThis as unknown as { getComputedStyle(of: unknown): { color: string } }).getComputedStyle(element)
    .color;

test('what was sent is shown on request in a frame that runs nothing and loads nothing, and is audited', async () => {
  const asked: string[] = [];
  const sender = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => sender.listen(0, '127.0.0.1', resolve));
  const id = await hostileMail(`http://127.0.0.1:${(sender.address() as AddressInfo).port}`);
  const { page } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/notifications/${id}`);
  expect(await page.content()).not.toContain('Your order');
  expect(await readings(id)).toEqual([]);

  await page.getByRole('link', { name: 'Show what was sent' }).click();
  const frame = page.frameLocator('iframe[title="HTML of the e-mail"]');
  const heading = frame.getByRole('heading', { name: 'Your order' });
  await heading.waitFor();
  expect(await heading.evaluate(colourOf)).toBe('rgb(1, 2, 3)');
  const own = frame.locator('#own');
  expect(await own.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1);
  expect(await page.locator('[aria-label=Headers]').textContent()).toContain('Subject: Order <17>');
  await frame.getByRole('button', { name: 'Send' }).click();
  await frame.getByRole('link', { name: 'Shop' }).click();
  expect(page.url()).toContain(id);
  expect(await page.title()).not.toBe('taken over');
  expect(await readings(id)).toEqual([{ actor: 'staff:operator@example.com' }]);
  expect(asked).toEqual([]);
  sender.closeAllConnections();
  await new Promise((resolve) => sender.close(resolve));
});

test('a template is rendered with its data, in the version that was sent', async () => {
  const { page } = await dashboard.logIn('admin');
  await dashboard.db.sql`update notifications set data = '{"name": "Ada"}' where id = ${rows.delivered}`;
  await page.goto(`${dashboard.url}/notifications/${rows.delivered}?show=content`);
  expect(await page.getByLabel('Text').textContent()).toBe('Hello Ada');
});

test('a viewer reads no content, not even by the URL of the page', async () => {
  const { page } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/notifications/${rows.dead}?show=content`);
  expect(await page.getByText('Show what was sent').count()).toBe(0);
  expect(await page.content()).not.toContain('123456');
  expect(await readings(rows.dead)).toEqual([]);
});

test('a scheduled notification is rescheduled, then cancelled, and both are audited with the person', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/notifications/${rows.scheduled}`);
  await page.getByLabel('Send at, UTC').fill('2031-05-04T10:30');
  await page.getByRole('button', { name: 'Reschedule' }).click();
  await page.getByRole('status').getByText('Rescheduled').waitFor();
  const [moved] = await dashboard.db.sql`select send_at from notifications where id = ${rows.scheduled}`;
  expect(moved!.send_at).toEqual(new Date('2031-05-04T10:30:00Z'));

  await page.getByRole('button', { name: 'Cancel this notification' }).click();
  await page.getByRole('status').getByText('Cancelled').waitFor();
  expect(await page.getByRole('button', { name: 'Cancel this notification' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Reschedule' }).count()).toBe(0);
  const audited = await dashboard.db.sql`
    select actor, action from audit_log where subject = ${`notification:${rows.scheduled}`} order by id`;
  expect(audited).toEqual([
    { actor: 'staff:operator@example.com', action: 'notification.reschedule' },
    { actor: 'staff:operator@example.com', action: 'notification.cancel' },
  ]);
  expect(complaints).toEqual([]);
});

test('a viewer can neither cancel nor reschedule', async () => {
  const { page } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/notifications/${rows.inDoubt}`);
  const token = await page.locator('input[name=token]').first().getAttribute('value');
  for (const verb of ['cancel', 'reschedule']) {
    const refused = await page.request.post(`${dashboard.url}/notifications/${rows.many[1]}/${verb}`, {
      form: { token: token!, send_at: '2031-05-04T10:30' },
      headers: { origin: dashboard.url },
    });
    expect(refused.status()).toBe(403);
  }
});

test('the list finds a bare address in any spelling', async () => {
  const { page } = await dashboard.logIn('operator');
  await page.getByRole('searchbox').fill('001 500 555 0009');
  await page.getByRole('button', { name: 'Show' }).click();
  const links = page.locator('.row-link');
  expect(await links.count()).toBe(1);
  expect(await links.first().getAttribute('href')).toBe(`/notifications/${rows.dead}`);
});
