import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { expectAccessible, expectAccessibleColours } from './accessibility.ts';
import { picture } from './dashboard.ts';
import { type InboxTest, startInboxTest } from './inbox.ts';

const BUNDLE = path.join(import.meta.dirname, '../../packages/inbox/dist/carillon-inbox.js');
const MOST_BYTES = 15_000;

let inbox: InboxTest;
let owner: InboxOwner;
beforeAll(async () => {
  inbox = await startInboxTest();
}, 240_000);
beforeEach(async () => {
  owner = await inbox.person();
});
afterEach(() => Promise.all(inbox.browser.contexts().map((context) => context.close())));
afterAll(() => inbox?.stop());

const rows = () =>
  inbox.api.db.sql<
    { title: string; seen: boolean; read: boolean; archived: boolean; snoozed: Date | null }[]
  >`
    select title, seen_at is not null as seen, read_at is not null as read, archived_at is not null as archived,
      snoozed_until as snoozed
    from inbox_messages where recipient_id = ${owner.recipientId} order by created_at`;

test('all of it, with texts and styles, is 15 kB at most, and one file', () => {
  const text = readFileSync(BUNDLE);
  console.log(`the inbox has ${gzipSync(text).length} bytes by gzip`);
  expect(gzipSync(text).length).toBeLessThanOrEqual(MOST_BYTES);
  expect(text.toString()).not.toMatch(/\bimport\s*[({"'`]|\bfrom\s*["'`]/);
});

test('shows what is there, newest first, and marks as seen what it has shown', async () => {
  for (const title of ['First', 'Second', 'Third']) await inbox.deliver(owner, title);
  const { page, bell, panel, messages, open, complaints } = await inbox.visit(owner);
  await page.getByRole('button', { name: 'Notifications, 3 unread' }).waitFor();
  expect((await rows()).map(({ seen }) => seen)).toEqual([false, false, false]);
  await open();
  expect(await panel.getAttribute('aria-labelledby')).toBe('title');
  await page.getByRole('dialog', { name: 'Notifications' }).waitFor();
  const titles = () => messages.locator('b').allTextContents();
  expect(await titles()).toEqual(['Third', 'Second', 'First']);
  await until('all to be seen', async () => (await rows()).every(({ seen, read }) => seen && !read));
  await inbox.deliver(owner, 'Fourth');
  await until('the new one', async () => (await titles())[0] === 'Fourth');
  await page.getByRole('status').getByText('New message: Fourth').waitFor();
  await until('it to be seen', async () => (await rows()).every(({ seen }) => seen));
  expect(await bell.getAttribute('aria-label')).toBe('Notifications, 4 unread');
  expect(complaints).toEqual([]);
});

test('takes texts as texts, and follows no link but http and https', async () => {
  const [evil] = [await inbox.deliver(owner, '<img src=x onerror="document.title=1">')];
  await inbox.api.db.sql`
    update inbox_messages set url = 'javascript:document.title=2', body = '<b>bold</b>' where notification_id = ${evil}`;
  const good = await inbox.deliver(owner, 'Good');
  await inbox.api.db
    .sql`update inbox_messages set url = '/inbox?person=${inbox.api.db.sql.unsafe(owner.recipientId)}#here' where notification_id = ${good}`;
  const { page, panel, open, complaints } = await inbox.visit(owner);
  await open();
  expect(await panel.locator('img, li script').count()).toBe(0);
  await panel.getByRole('button', { name: /^<img src=x/ }).click();
  await until('it to be read', async () => (await rows())[0]!.read);
  expect(await page.title()).toBe('Inbox example');
  await panel.getByRole('link', { name: 'Good' }).click();
  await page.waitForURL(/#here$/);
  await until('the other to be read', async () => (await rows())[1]!.read);
  expect(complaints).toEqual([]);
});

test('leaves it to the page what a click on a message does', async () => {
  await inbox.deliver(owner, 'Mine');
  const { page, panel, open } = await inbox.visit(owner);
  await page.evaluate(
    "document.addEventListener('carillon-open', (event) => { event.preventDefault(); document.title = event.detail.title })",
  );
  await open();
  await panel.getByRole('button', { name: 'Mine', exact: false }).and(panel.locator('.open')).click();
  expect(await page.title()).toBe('Mine');
  expect((await rows())[0]!.read).toBe(false);
});

describe('what a person does', () => {
  test('with one message: read, unread, archived and back, snoozed and back', async () => {
    await inbox.deliver(owner, 'Only');
    const { page, panel, messages, open, complaints } = await inbox.visit(owner);
    await open();
    await panel.getByRole('button', { name: 'Mark as read: Only' }).click();
    await until('it to be read', async () => (await rows())[0]!.read);
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    await panel.getByRole('button', { name: 'Mark as unread: Only' }).click();
    await until('it to be unread', async () => !(await rows())[0]!.read);

    const choose = async (item: string) => {
      await panel.getByRole('button', { name: 'Actions: Only' }).click();
      await panel.getByRole('menuitem', { name: item }).click();
    };
    await choose('Archive');
    await panel.getByText('No messages').waitFor();
    await until('it to be archived', async () => (await rows())[0]!.archived);
    await panel.getByLabel('Show').selectOption('Archived');
    await choose('Move to inbox');
    await messages.waitFor({ state: 'detached' });
    await panel.getByLabel('Show').selectOption('All');
    await choose('Snooze for 1 hour');
    await messages.waitFor({ state: 'detached' });
    const { snoozed } = await until('it to be snoozed', async () =>
      (await rows()).find((row) => row.snoozed),
    );
    expect(Math.abs(snoozed!.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000);
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    await panel.getByLabel('Show').selectOption('Snoozed');
    await messages.getByText(/until/).waitFor();
    await choose('End snooze');
    await panel.getByLabel('Show').selectOption('Unread');
    await messages.getByText('Only').first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('with all: marks as read what is shown, not what came since', async () => {
    for (const title of ['A', 'B']) await inbox.deliver(owner, title);
    const { page, panel, open } = await inbox.visit(owner);
    await open();
    await panel.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    await until('both to be read', async () => (await rows()).every(({ read }) => read));
    await inbox.deliver(owner, 'C');
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
  });

  test('by category, in tabs', async () => {
    await inbox.deliver(owner, 'Order', 'orders');
    await inbox.deliver(owner, 'Letter', 'news');
    await inbox.deliver(owner, 'Other');
    const { panel, messages, open } = await inbox.visit(owner);
    await open();
    expect(await messages.count()).toBe(3);
    await panel.getByRole('tab', { name: 'News' }).click();
    await until('one', async () => (await messages.count()) === 1);
    expect(await messages.locator('small').textContent()).toContain('News');
    await panel.getByRole('button', { name: 'Mark all as read' }).click();
    await until('one to be read', async () => (await rows()).filter(({ read }) => read).length === 1);
    await inbox.deliver(owner, 'Another order', 'orders');
    await panel.getByRole('tab', { name: 'Orders' }).click();
    await until('two', async () => (await messages.count()) === 2);
    await panel.getByRole('tab', { name: 'All' }).click();
    await until('four', async () => (await messages.count()) === 4);
  });

  test('that fails is taken back, and said', async () => {
    await inbox.deliver(owner, 'Stays');
    const { page, panel, open } = await inbox.visit(owner);
    await open();
    await page.route('**/v1/inbox/*/read', (route) => route.fulfill({ status: 503, body: '{}' }));
    await panel.getByRole('button', { name: 'Mark as read: Stays' }).click();
    await page.getByRole('status').getByText('That did not work').waitFor();
    await panel.getByRole('button', { name: 'Mark as read: Stays' }).waitFor();
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
  });
});

test('preferences are changed inside, category by category and channel by channel', async () => {
  const put = (name: string, body: object) => inbox.api.request('PUT', `/v1/categories/${name}`, body);
  await put('offers', {
    delivery_policy: 'resolve',
    unsubscribable: true,
    titles: { en: 'Special offers', de: 'Angebote' },
    descriptions: { en: 'At most two a month.' },
  });
  await put('terms', { delivery_policy: 'resolve', lock: true, titles: { en: 'Terms of service' } });
  const { panel, open, complaints } = await inbox.visit(owner);
  await open();
  await panel.getByRole('button', { name: 'Preferences' }).click();
  const offers = panel.getByRole('switch', { name: /Special offers/ });
  expect(await offers.isChecked()).toBe(true);
  expect(await panel.getByRole('switch', { name: /Terms of service/ }).isDisabled()).toBe(true);
  await offers.uncheck();
  await panel.getByRole('switch', { name: 'SMS' }).uncheck();
  const stored = async () =>
    (await inbox.api.request('GET', `/v1/recipients/${owner.recipientId}/preferences`)).body;
  await until('both to be stored', async () => {
    const { channels, categories } = await stored();
    return channels.sms === false && categories.offers === false && channels.email === true;
  });
  await panel.getByRole('button', { name: 'Back to messages' }).click();
  await panel.getByText('No messages').waitFor();
  expect(complaints).toEqual([]);
});

test('works by keyboard: arrows, Enter, Escape, and focus returns to the bell', async () => {
  for (const title of ['One', 'Two', 'Three']) await inbox.deliver(owner, title, 'news');
  const { page, bell, panel, messages, complaints } = await inbox.visit(owner);
  const focused = () =>
    page.evaluate<string>(
      "document.querySelector('carillon-inbox').shadowRoot.activeElement?.textContent ?? ''",
    );
  const press = (key: string) => page.keyboard.press(key);
  await page.getByRole('button', { name: 'Notifications, 3 unread' }).waitFor();
  await bell.focus();
  await press('Enter');
  await until('the newest to have the focus', async () => (await focused()).startsWith('Three'));
  await press('ArrowDown');
  await press('ArrowDown');
  await press('ArrowDown');
  expect(await focused()).toMatch(/^One/);
  await press('Home');
  expect(await focused()).toMatch(/^Three/);
  await press('Tab');
  await press('Enter');
  await panel.getByRole('menu').waitFor();
  expect(await focused()).toBe('Archive');
  await press('ArrowUp');
  expect(await focused()).toBe('Snooze until next week');
  await press('Escape');
  await panel.getByRole('menu').waitFor({ state: 'detached' });
  await press('Enter');
  await press('Enter');
  await until('it to be archived', async () => (await messages.count()) === 2);
  expect(await focused()).toMatch(/^Two/);
  await press('Enter');
  await until('it to be read', async () => (await rows())[1]!.read);
  const tab = panel.getByRole('tab', { name: 'All' });
  await tab.focus();
  await press('ArrowRight');
  await press('ArrowRight');
  expect(await panel.getByRole('tab', { name: 'News' }).getAttribute('aria-selected')).toBe('true');
  await press('Escape');
  await panel.waitFor({ state: 'hidden' });
  expect(await focused()).toBe(await bell.textContent());
  expect(await bell.getAttribute('aria-expanded')).toBe('false');
  expect(complaints).toEqual([]);
});

test.each([
  ['light', 'en', 'Notifications, 2 unread'],
  ['dark', 'ar', 'الإشعارات, إشعاران غير مقروءين'],
  ['dark', 'en', 'Notifications, 2 unread'],
  ['light', 'ar', 'الإشعارات, إشعاران غير مقروءين'],
] as const)('is accessible, %s, in %s', async (theme, lang, name) => {
  await inbox.deliver(owner, 'A message with a text', 'news');
  const read = await inbox.deliver(owner, 'Another, that is read');
  await inbox.deliver(owner, 'رسالة بالعربية');
  await inbox.api.request('POST', `/v1/recipients/${owner.recipientId}/inbox/${read}/read`);
  const { page, panel, messages, open, complaints } = await inbox.visit(owner, { query: { theme, lang } });
  await page.getByRole('button', { name }).waitFor();
  await open();
  await messages.first().waitFor();
  await panel.locator('.row .icon').first().click();
  await panel.getByRole('menu').waitFor();
  await picture(page, `inbox-${theme}-${lang}`);
  // The elements are those of the other scheme.
  const isFirst = (theme === 'light') === (lang === 'en');
  await (isFirst ? expectAccessible(page) : expectAccessibleColours(page));
  const [wide, box] = [page.viewportSize()!.width, (await panel.boundingBox())!];
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(wide);
  // Where lines end: on the right, and from right to left on the left.
  expect(box.x > wide / 2).toBe(lang === 'en');
  expect(complaints).toEqual([]);
});

test('fits a narrow window', async () => {
  await inbox.deliver(owner, 'A message');
  const { page, panel, open } = await inbox.visit(owner, { viewport: { width: 320, height: 500 } });
  await open();
  const box = (await panel.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(320);
  expect(box.y + box.height).toBeLessThanOrEqual(500);
  await picture(page, 'inbox-narrow');
});
