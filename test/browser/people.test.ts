import { randomUUID } from 'node:crypto';
import { addressHash } from '@carillon/core/recipient/suppression';
import { receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deliverInApp } from '../support/inbox-rows.ts';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
  await somePeople();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const api = (method: string, path: string, body?: unknown) => dashboard.api.request(method, path, body);
const hashOf = (address: string) => addressHash(dashboard.appId, 'email', address).toString('hex');

async function somePeople(): Promise<void> {
  await api('PUT', '/v1/recipients/user_42', {
    email: 'ada@example.com',
    phone: '+14155552671',
    locale: 'en-GB',
    time_zone: 'Europe/London',
    attributes: { plan: 'pro' },
  });
  await api('POST', '/v1/recipients/user_42/devices', { fcm_token: 'token-of-ada' });
  await api('PUT', '/v1/recipients/user_7', { email: 'bo@example.com' });
  await api('PUT', '/v1/categories/news', { unsubscribable: true });
  await api('PUT', '/v1/recipients/user_42/preferences', {
    categories: { news: false },
    quiet_hours: { start: '22:00', end: '07:00', time_zone: 'Europe/London' },
    caps: [{ channel: 'sms', max: 3, window_seconds: 86_400 }],
  });
  await bounce('user_42', 'ada@example.com');
  await api('POST', '/v1/suppressions', {
    channel: 'sms',
    address: '+14155550199',
    reason: 'stop',
    detail: 'asked by telephone',
  });
}

/** A message that was taken, and then bounced: the provider said so in a report. */
async function bounce(recipientId: string, email: string): Promise<string> {
  const { body } = await api('POST', '/v1/notifications', {
    to: { recipient_id: recipientId },
    channel: 'email',
    content: { subject: 'Hello', text: 'It works' },
    idempotency_key: randomUUID(),
  });
  const theirId = randomUUID();
  await dashboard.db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id, latency_ms)
    values (${body.id}, 1, 'answered', 'email', 'resend', now(), 'accepted', ${theirId}, 120)`;
  await dashboard.db.sql`
    update notifications set state = 'sent', attempt_count = 1, tries = 1, provider = 'resend', provider_message_id = ${theirId}
    where id = ${body.id}`;
  await receiveReceipts(dashboard.db.sql, [
    {
      account: 'resend',
      receipt: {
        eventId: `evt_${theirId}`,
        kind: 'bounced',
        providerMessageId: theirId,
        address: email,
        code: '550 5.1.1',
        detail: 'The mailbox does not exist (mx.example.com said so)',
      },
    },
  ]);
  return body.id;
}

test('support finds somebody by their address, reads why nothing arrives, and lifts it', async () => {
  const { page, complaints } = await dashboard.signIn('support', '/recipients');
  await page.getByLabel('Id, e-mail or phone').fill('ADA@example.com');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByRole('link', { name: 'user_42' }).click();
  await page.getByRole('group', { name: 'Reachability' }).getByText('suppressed').waitFor();

  const mail = page.getByRole('region', { name: 'E-mail ada@example.com' });
  await mail.getByRole('button', { name: 'What the provider said' }).click();
  await mail.getByText('The mailbox does not exist (mx.example.com said so)', { exact: true }).waitFor();
  await mail.getByText('550 5.1.1', { exact: true }).waitFor();

  await mail.getByRole('button', { name: 'Lift' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lift this suppression' });
  await dialog.getByLabel('Reason').fill('ticket 12: the mailbox is back');
  await dialog.getByRole('button', { name: 'Lift it' }).click();
  await mail.getByText('in use').waitFor();
  await expect
    .poll(() => page.getByRole('group', { name: 'Reachability' }).textContent())
    .toMatch(/E-mailreachable/);

  const audit = await dashboard.db.sql<{ action: string; actor: string; detail: { reason?: string } }[]>`
    select action, actor, detail from audit_log
    where action in ('suppression.remove', 'contact_point.enable') order by id`;
  expect(audit.map(({ action, actor, detail }) => [action, actor, detail.reason])).toEqual([
    ['suppression.remove', 'staff:support@example.com', 'ticket 12: the mailbox is back'],
    ['contact_point.enable', 'staff:support@example.com', 'ticket 12: the mailbox is back'],
  ]);
  expect(complaints).toEqual([]);
});

test('a viewer sees the suppression with addresses masked, finds no button, and the request itself is refused', async () => {
  await bounce('user_7', 'bo@example.com');
  const { page } = await dashboard.signIn('viewer', '/recipients/user_7');
  await page.getByText('b***@example.com').first().waitFor();
  await page.getByRole('button', { name: 'What the provider said' }).waitFor();
  expect(await page.getByRole('button', { name: 'Lift' }).count()).toBe(0);
  const path = `/api/v1/suppressions/email/${hashOf('bo@example.com')}`;
  const headers = { 'carillon-app': dashboard.appId, 'carillon-environment': 'live', origin: dashboard.url };
  const answer = await page.request.delete(`${dashboard.url}${path}`, { headers });
  expect(answer.status()).toBe(403);
  expect((await api('GET', `/v1/suppressions/email/${hashOf('bo@example.com')}`)).status).toBe(200);
});

test('support reads and filters an inbox, and archives; a viewer sees states alone, and no action', async () => {
  const owner = { appId: dashboard.appId, environment: 'live', recipientId: 'user_7' } as const;
  const read = await deliverInApp(dashboard.db.sql, owner, { title: 'Your order has left' });
  await deliverInApp(dashboard.db.sql, owner, { title: 'Your parcel is here' });
  await api('POST', `/v1/recipients/user_7/inbox/${read}/read`);
  const { page, complaints } = await dashboard.signIn('support', '/recipients/user_7?tab=inbox');
  const table = page.getByRole('table', { name: 'Inbox of this recipient' });
  await table.getByRole('row', { name: /^not seen Your parcel is here/ }).waitFor();
  await page.getByText('1 unread, 1 not seen yet').waitFor();
  await page.getByRole('combobox', { name: 'Show' }).click();
  await page.getByRole('option', { name: 'Read', exact: true }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  await table
    .getByRole('row', { name: /^read Your order has left/ })
    .getByRole('button')
    .click();
  await page.getByRole('button', { name: 'Archive it' }).click();
  await page.getByText('There is no such message in their inbox').waitFor();
  expect(complaints).toEqual([]);

  const viewer = await dashboard.signIn('viewer', '/recipients/user_7?tab=inbox');
  await viewer.page.getByText('Your roles do not allow reading what the messages say.').waitFor();
  await viewer.page.getByText('1 unread, 1 not seen yet').waitFor();
  expect(await viewer.page.getByText('Your parcel is here').count()).toBe(0);
  expect(await viewer.page.getByRole('button', { name: 'Archive' }).count()).toBe(0);
});

test('support asks about an address, suppresses it by hand, and the list and its file show it', async () => {
  const { page } = await dashboard.signIn('support', '/suppressions');
  await page.getByRole('textbox', { name: 'Address' }).fill('new@example.com');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByText('This address may be written to').waitFor();

  await page.getByRole('button', { name: 'Suppress an address' }).click();
  const dialog = page.getByRole('dialog', { name: 'Suppress an address' });
  await dialog.getByLabel('Address').fill('not an address');
  await dialog.getByRole('button', { name: 'Suppress it' }).click();
  await dialog.getByText(/not an address.*channel email/).waitFor();
  await dialog.getByLabel('Address').fill('New@Example.com');
  await dialog.getByLabel('Remark').fill('asked by letter');
  await dialog.getByRole('button', { name: 'Suppress it' }).click();
  await page.getByText('asked by letter').waitFor();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  expect((await download).suggestedFilename()).toBe('suppressions.csv');
});

test('preferences are changed, and what the server refuses is shown next to its field', async () => {
  const inAMonth = `${new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)}T12:00`;
  const { page } = await dashboard.signIn('support', '/recipients/user_42?tab=preferences');
  await page.getByLabel('SMS', { exact: true }).uncheck();
  await page.getByLabel('news', { exact: true }).selectOption('By channel');
  await page.getByLabel('news: E-mail').check();
  await page.getByLabel('Hold all messages until').fill(inAMonth);
  await page.getByLabel('Until', { exact: true }).fill('22:00');
  await page.getByRole('button', { name: 'Save the preferences' }).click();
  await page.getByText(/leaves no quiet hours/).waitFor();
  await page.getByLabel('Until', { exact: true }).fill('06:30');
  await page.getByRole('button', { name: 'Save the preferences' }).click();
  await page.getByText('The preferences are saved').waitFor();
  const { body } = await api('GET', '/v1/recipients/user_42/preferences');
  expect(body).toMatchObject({
    channels: { sms: false },
    categories: { news: { sms: false, push: false, in_app: false } },
    quiet_hours: { end: '06:30' },
    caps: [{ max: 3 }],
    paused_until: expect.stringContaining(inAMonth.slice(0, 7)),
  });
  await page.getByText('All messages paused until').waitFor();
});

test('all that is held is downloaded, and a person is erased only after their id was typed', async () => {
  await api('PUT', '/v1/recipients/leaving', { email: 'leaving@example.com' });
  const { page } = await dashboard.signIn('support', '/recipients/leaving?tab=data');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download all that is held' }).click();
  expect((await download).suggestedFilename()).toBe('recipient-leaving.json');

  await page.getByRole('button', { name: 'Erase this person' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase this person' });
  await dialog.getByLabel('Type the id of the recipient').fill('leavin');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await dialog.getByText(/Type the id of the recipient, leaving/).waitFor();
  expect((await api('GET', '/v1/recipients/leaving')).status).toBe(200);
  await dialog.getByLabel('Type the id of the recipient').fill('leaving');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByRole('heading', { name: 'Recipients', level: 1 }).waitFor();
  expect((await api('GET', '/v1/recipients/leaving')).status).toBe(404);
});

type Ready = (page: Page) => Promise<unknown>;
const button =
  (name: string): Ready =>
  (page) =>
    page.getByRole('button', { name, exact: true }).waitFor();
const text =
  (shown: string): Ready =>
  (page) =>
    page.getByText(shown).first().waitFor();

test.each<[name: string, path: () => string, ready: Ready]>([
  ['recipients', () => '/recipients', text('user_42')],
  ['recipient', () => '/recipients/user_7', opened('What the provider said')],
  ['recipient-preferences', () => '/recipients/user_42?tab=preferences', button('Save the preferences')],
  ['recipient-messages', () => '/recipients/user_42?tab=messages', text('inline text')],
  ['recipient-inbox', () => '/recipients/user_7?tab=inbox', text('not seen')],
  ['recipient-data', () => '/recipients/user_42?tab=data', button('Erase this person')],
  ['suppressions', () => '/suppressions', text('asked by telephone')],
  ['suppression', () => `/suppressions/email/${hashOf('bo@example.com')}`, text('550 5.1.1')],
])('the page %s is good in both schemes and widths', async (name, path, ready) => {
  await expectGoodPage(dashboard, 'support', path(), name, ready);
});

/** With the part behind a button shown. */
function opened(name: string): Ready {
  return async (page) => {
    const closed = page.getByRole('button', { name, exact: true });
    await closed
      .or(page.getByRole('button', { name: 'Show the whole report' }))
      .first()
      .waitFor();
    if (await closed.isVisible()) await closed.click();
    await page.getByText('550 5.1.1', { exact: true }).waitFor();
  };
}
