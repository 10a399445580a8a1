import { makeRecipientToken } from '@carillon/core/access/recipient-token';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { INBOX_KEYS, type InboxPage, type InboxTest, startInboxTest } from './inbox.ts';

/** Far more than a person reads on. */
const MUCH = 2_000;

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

const named = ({ page }: InboxPage, name: string) =>
  page.getByRole('button', { name, exact: true }).waitFor();
const streams = (...pages: InboxPage[]) =>
  pages.flatMap(({ calls }) => calls).filter((path) => path.startsWith('/v1/inbox/stream')).length;
const titles = ({ messages }: InboxPage) => messages.locator('b').allTextContents();
const act = (id: string, verb: string) =>
  inbox.api.request('POST', `/v1/recipients/${owner.recipientId}/inbox/${id}/${verb}`);

test('two tabs agree, by one stream, and the other goes on when one is closed', async () => {
  const old = await inbox.deliver(owner, 'Old');
  const first = await inbox.visit(owner);
  const context = first.page.context();
  const second = await inbox.visit(owner, { context });
  for (const tab of [first, second]) {
    await named(tab, 'Notifications, 1 unread');
    await tab.open();
  }
  await inbox.deliver(owner, 'New');
  for (const tab of [first, second])
    await until('both', async () => (await titles(tab)).join() === 'New,Old');
  await first.panel.getByRole('button', { name: 'Mark as read: New' }).click();
  await second.panel.getByRole('button', { name: 'Mark as unread: New' }).waitFor();
  for (const tab of [first, second]) await named(tab, 'Notifications, 1 unread');
  await act(old, 'archive');
  for (const tab of [first, second]) await until('one', async () => (await titles(tab)).join() === 'New');
  expect(streams(first, second)).toBe(1);

  await first.page.close();
  await until('the second to hold the stream', () => streams(second) === 1);
  await inbox.deliver(owner, 'Newest');
  await until('the newest', async () => (await titles(second)).join() === 'Newest,New');
  await named(second, 'Notifications, 1 unread');
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});

test('what happened while it was offline is there when it is back, in the right order', async () => {
  const [a, b] = [await inbox.deliver(owner, 'A'), await inbox.deliver(owner, 'B')];
  const tab = await inbox.visit(owner);
  await tab.open();
  await until('the list', async () => (await titles(tab)).join() === 'B,A');
  await tab.page.context().setOffline(true);
  await tab.panel.getByText('No connection').waitFor();
  await tab.panel.getByRole('button', { name: 'Mark as read: A' }).click();
  await tab.page.getByRole('status').getByText('That did not work').waitFor();
  await tab.panel.getByRole('button', { name: 'Mark as read: A' }).waitFor();

  await act(b, 'read');
  await inbox.deliver(owner, 'C');
  const gone = await inbox.deliver(owner, 'D');
  await act(gone, 'archive');
  // A message that was snoozed and came back, all of it unseen from here: it is at the top.
  const path = `/v1/recipients/${owner.recipientId}/inbox/${a}/snooze`;
  await inbox.api.request('POST', path, { until: new Date(Date.now() + 3_600_000).toISOString() });
  await inbox.api.request('POST', path, { until: null });
  await tab.page.context().setOffline(false);
  await until('the list of the server', async () => (await titles(tab)).join() === 'A,C,B');
  await tab.panel.getByText('No connection').waitFor({ state: 'hidden' });
  await named(tab, 'Notifications, 2 unread');
  await tab.panel.getByRole('button', { name: 'Mark as unread: B' }).waitFor();
  await tab.panel.getByRole('button', { name: 'Mark as read: A' }).click();
  await named(tab, 'Notifications, 1 unread');
});

test('a page that is opened offline loads as soon as it is online', async () => {
  await inbox.deliver(owner, 'A');
  const tab = await inbox.visit(owner, {
    before: (page) => page.route(`${inbox.api.url}/**`, (route) => route.abort()),
  });
  await tab.bell.click();
  await tab.panel.getByText('That did not work').waitFor();
  await tab.page.unroute(`${inbox.api.url}/**`);
  await tab.panel.getByRole('button', { name: 'Try again' }).click();
  await until('the list', async () => (await titles(tab)).join() === 'A');
  await named(tab, 'Notifications, 1 unread');
});

test('a token that ends is replaced: the stream goes on, and so do actions', async () => {
  await inbox.deliver(owner, 'A');
  const ring = parseKeyRing(INBOX_KEYS);
  if ('problem' in ring) throw new Error(ring.problem);
  let tokens = 0;
  const tab = await inbox.visit(owner, {
    before: (page) =>
      page.route('**/inbox/token', async (route) => {
        tokens++;
        const [{ now }] = await inbox.api.db.sql<[{ now: Date }]>`select now() as now`;
        // The first ones for so short a time that they end while the test looks.
        const until = now.getTime() + (tokens < 3 ? 2_000 : 600_000);
        const token = makeRecipientToken(ring, { owner, scopes: ['inbox'], madeAt: now.getTime(), until });
        await route.fulfill({ json: { token } });
      }),
  });
  await tab.open();
  await until('the third token', () => tokens === 3);
  await inbox.deliver(owner, 'B');
  await until('the new one', async () => (await titles(tab)).join() === 'B,A');
  await tab.panel.getByRole('button', { name: 'Mark as read: B' }).click();
  await named(tab, 'Notifications, 1 unread');
  expect(streams(tab)).toBeGreaterThanOrEqual(3);
  expect(tab.complaints.filter((text) => !text.includes('401'))).toEqual([]);
});

test('a page that gives the token of another person shows nothing of the one before', async () => {
  const other = await inbox.person();
  await inbox.deliver(owner, 'Of the first');
  await inbox.deliver(other, 'Of the second');
  const tab = await inbox.visit(owner);
  await tab.open();
  await until('the list', async () => (await titles(tab)).join() === 'Of the first');
  const token = await inbox.api.recipientToken(other.recipientId);
  await tab.page.evaluate(
    `{ const inbox = document.querySelector('carillon-inbox'); inbox.getToken = null; inbox.token = ${JSON.stringify(token)}; }`,
  );
  await until('the other list', async () => (await titles(tab)).join() === 'Of the second');
});

test('10,000 messages are usable: opened, read on and on, live, and all marked as read', async () => {
  const { appId, environment, recipientId } = owner;
  await inbox.api.db.sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, created_at)
    select gen_random_uuid(), ${appId}, ${environment}, ${recipientId}, 'Message ' || n, 'The text of ' || n,
      now() - make_interval(secs => n)
    from generate_series(1, 10000) n`;
  const tab = await inbox.visit(owner);
  await named(tab, 'Notifications, 10,000 unread');
  const openedAt = Date.now();
  await tab.open();
  console.log(`opened with 10,000 messages after ${Date.now() - openedAt} ms`);
  expect((await titles(tab)).slice(0, 2)).toEqual(['Message 1', 'Message 2']);
  const loadedAt = Date.now();
  const read = await tab.page.evaluate<number>(`new Promise((done) => {
    const root = document.querySelector('carillon-inbox').shadowRoot;
    const body = root.querySelector('.body');
    const next = () => {
      if (root.querySelectorAll('li').length >= ${MUCH}) return done(root.querySelectorAll('li').length);
      body.scrollTop = body.scrollHeight;
      requestAnimationFrame(next);
    };
    next();
  })`);
  console.log(`read ${read} of 10,000 after ${Date.now() - loadedAt} ms`);
  await tab.page.evaluate(
    "document.querySelector('carillon-inbox').shadowRoot.querySelector('.body').scrollTop = 0",
  );
  const newAt = Date.now();
  await inbox.deliver(owner, 'The newest');
  await until(
    'the newest',
    async () => (await tab.panel.locator('b').first().textContent()) === 'The newest',
  );
  console.log(`a new one is shown above them after ${Date.now() - newAt} ms`);
  // By its place: to look for a role takes seconds among thousands of buttons.
  await tab.panel.locator('header button[aria-label="Mark all as read"]').click();
  await until('the bell', async () => (await tab.bell.getAttribute('aria-label')) === 'Notifications');
  expect(await tab.panel.locator('.unread').count()).toBe(0);
  await until('all to be read', async () => {
    const [row] = await inbox.api.db.sql`
      select count(*)::int as n from inbox_messages where recipient_id = ${recipientId} and read_at is null`;
    return row!.n === 0;
  });
  expect(tab.complaints).toEqual([]);
}, 240_000);
