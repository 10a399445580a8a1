import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
let key: string;
let testKey: string;
beforeAll(async () => {
  dashboard = await startDashboard();
  key = await dashboard.api.key();
  testKey = await dashboard.api.key({ environment: 'test' });
  await send();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

async function send(body: object = {}, by = key): Promise<string> {
  const answer = await dashboard.api.request(
    'POST',
    '/v1/notifications',
    {
      to: { email: 'ada@example.com' },
      channel: 'email',
      content: {
        subject: 'Your parcel',
        text: 'It is on its way',
        html: '<h1>Parcel</h1><p>It is on its way</p>',
      },
      ...body,
    },
    { key: by },
  );
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

interface End {
  outcome: string;
  code?: string;
  error?: string;
  account?: string;
  channel?: string;
}

/** As the worker leaves it. */
async function ended(
  id: string,
  state: string,
  { outcome, code, error, account = 'resend', channel = 'email' }: End,
) {
  const { sql } = dashboard.db;
  const isAccepted = outcome === 'accepted';
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome,
      provider_message_id, error_code, error, latency_ms)
    values (${id}, 1, ${outcome === 'in_doubt' ? 'written' : 'answered'}, ${channel}, ${account}, now(), now(), ${outcome},
      ${isAccepted ? `re_${id}` : null}, ${code ?? null}, ${error ?? null}, 230)`;
  await sql`
    update notifications set state = ${state}, attempt_count = 1, tries = 1, provider = ${account}, queued_at = now(),
      provider_message_id = ${isAccepted ? `re_${id}` : null}, error_code = ${code ?? null}, error = ${error ?? null}
    where id = ${id}`;
  await sql`
    insert into notification_history (notification_id, state, actor, reason)
    values (${id}, ${state}, 'deliver', ${error ?? 'the provider answered'})`;
}

const search = async (page: Page, text: string) => {
  await page.keyboard.press('/');
  await page.getByLabel('Search by id, address, number, recipient or key').fill(text);
  await page.keyboard.press('Enter');
};
const stateOf = async (id: string) =>
  (await dashboard.db.sql`select state from notifications where id = ${id}`)[0]!.state;

test('support finds a bare address in any spelling, reads what was sent, and retries', async () => {
  const id = await send({ to: { email: 'Grace@example.com' } });
  await ended(id, 'dead', {
    outcome: 'transient',
    code: 'http_503',
    error: 'Resend did not take the message this time (HTTP 503).',
  });
  const { page, complaints } = await dashboard.signIn('support', '/notifications?env=live');
  await page.getByRole('heading', { name: 'Messages' }).waitFor();
  await search(page, 'GRACE@Example.com');
  await page.getByRole('link', { name: 'All messages to grace@example.com' }).waitFor();
  await page.getByRole('link', { name: 'Message to Grace@example.com' }).click();

  await page.getByRole('heading', { name: 'Message to Grace@example.com' }).waitFor();
  await page.getByText('Given up').first().waitFor();
  await page.getByText('Provider has a fault').first().waitFor();
  await page.getByRole('button', { name: 'Show what was sent' }).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Parcel' }).waitFor();
  await page.getByText('Text', { exact: true }).click();
  await page.getByText('It is on its way').waitFor();
  await page.getByText('Headers', { exact: true }).click();
  await page.getByText('Auto-Submitted: auto-generated').waitFor();
  await page.getByRole('button', { name: /1\. email by resend/ }).click();
  await page.getByText('Resend did not take the message this time (HTTP 503).').last().waitFor();

  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
  await page.getByText('It is on its way again.').waitFor();
  await page.getByText('Accepted', { exact: true }).first().waitFor();
  expect(await stateOf(id)).toBe('pending');
  const [audit] = await dashboard.db.sql`
    select actor from audit_log where action = 'notification.read_content' and subject = ${`notification:${id}`}`;
  expect(audit!.actor).toBe('staff:support@example.com');
  expect(complaints).toEqual([]);
});

test('support gives a scheduled message another time and cancels it', async () => {
  const id = await send({ send_at: '2099-01-01T08:00:00Z' });
  const { page, complaints } = await dashboard.signIn('support', `/notifications/${id}?env=live`);
  await page.getByRole('button', { name: 'Another time' }).click();
  await page.getByLabel(/When, in Europe\/Berlin/).fill('2099-02-03T10:30');
  await page.getByRole('button', { name: 'Set the time' }).click();
  await page.getByText('It has another time.').waitFor();
  await page
    .getByText(/03 Feb 2099, 10:30/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel the message' }).click();
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  expect(await stateOf(id)).toBe('cancelled');
  expect(complaints).toEqual([]);
});

test('a doubt is settled: marked as sent, or sent again only with the risk accepted', async () => {
  const doubt = { outcome: 'in_doubt', code: 'timeout', error: 'Resend may have the message.' };
  const [arrived, missing] = [
    await send({ to: { email: 'one@example.com' } }),
    await send({ to: { email: 'two@example.com' } }),
  ];
  for (const id of [arrived, missing]) await ended(id, 'in_doubt', doubt);
  const { page } = await dashboard.signIn('support', '/doubts?env=live');
  const row = (address: string) => page.getByRole('row').filter({ hasText: address });
  await row('one@example.com').getByRole('button', { name: 'Mark as sent' }).click();
  await page.getByLabel('How you know').fill('the console of Resend shows it');
  await page.getByRole('dialog').getByRole('button', { name: 'Mark as sent' }).click();
  await page.getByText('It counts as sent.').waitFor();
  await row('two@example.com').getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
  await page
    .getByRole('alert')
    .getByText(/accept_duplicate_risk/)
    .waitFor();
  await page.getByLabel('I accept that the recipient may get it twice').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
  await page.getByText('Nothing is in doubt').waitFor();
  expect([await stateOf(arrived), await stateOf(missing)]).toEqual(['sent', 'pending']);
});

test('what a filter shows is counted, retried in bulk, and followed to its end', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const id = await send({ category: 'outage' });
    await ended(id, 'dead', { outcome: 'transient', code: 'connect_timeout', error: 'no connection' });
    ids.push(id);
  }
  const { page, complaints } = await dashboard.signIn('support', '/notifications?env=live');
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByLabel('Category').fill('outage');
  await page.getByLabel('Category').press('Enter');
  await expect.poll(() => page.url()).toContain('category=outage');
  await expect.poll(() => page.getByRole('row').count()).toBe(4);
  await page.getByRole('button', { name: 'Act on all of these' }).click();
  await page.getByRole('button', { name: 'Count first' }).click();
  await page.getByText('3 messages meet this filter').waitFor();
  expect(await stateOf(ids[0]!)).toBe('dead');
  await page.getByRole('button', { name: 'Retry 3 messages' }).click();
  await page.getByRole('heading', { name: 'Retry in bulk' }).waitFor();
  await page.getByText('0 of 3 messages: 0 moved, 0 skipped').waitFor();
  // The worker's part.
  const bulkId = page.url().split('/bulk/')[1]!.split('?')[0]!;
  await dashboard.db.sql`
    update bulk_actions set done = 2, skipped = '{"may_have_arrived": 1}' where id = ${bulkId}`;
  await page.getByText('3 of 3 messages: 2 moved, 1 skipped').waitFor();
  await page.getByText('May have arrived', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByText('Stopped', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

test('the list is downloaded as a CSV file of what is seen', async () => {
  await send({ category: 'csv', to: { email: '=1+1@example.com' } });
  const { page } = await dashboard.signIn('support', '/notifications?env=live&category=csv');
  await page.getByRole('row').nth(1).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^notifications-\d{4}-\d\d-\d\d\.csv$/);
  let text = '';
  for await (const part of await download.createReadStream()) text += part;
  const lines = text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("'=1+1@example.com");
});

test('a viewer sees states, but no address, no content and no action, and is refused by direct requests too', async () => {
  const id = await send({ to: { email: 'secret.person@example.com' }, send_at: '2099-01-01T00:00:00Z' });
  const { page } = await dashboard.signIn('viewer', `/notifications/${id}?env=live`);
  await page.getByRole('heading', { name: 'Message to s***@example.com' }).waitFor();
  await page.getByText('Your role does not include reading what was sent.').waitFor();
  for (const name of ['Retry', 'Cancel', 'Another time', 'Mark as sent', 'Show what was sent'])
    expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
  expect(await page.content()).not.toContain('secret.person');
  const asked = (method: string, path: string, body?: object) =>
    page.evaluate<number>(
      `fetch(${JSON.stringify(`/api/v1${path}`)}, {
        method: ${JSON.stringify(method)},
        headers: { 'Content-Type': 'application/json', 'Carillon-App': ${JSON.stringify(dashboard.appId)}, 'Carillon-Environment': 'live' },
        ${body ? `body: ${JSON.stringify(JSON.stringify(body))},` : ''}
      }).then((answer) => answer.status)`,
    );
  expect(await asked('POST', `/notifications/${id}/cancel`)).toBe(403);
  expect(await asked('POST', `/notifications/${id}/retry`, {})).toBe(403);
  expect(await asked('POST', `/notifications/${id}/reschedule`, { send_at: '2099-02-01T00:00:00Z' })).toBe(
    403,
  );
  expect(await asked('POST', `/notifications/${id}/mark-sent`, {})).toBe(403);
  expect(await asked('POST', '/bulk', { action: 'cancel', filter: { status: 'scheduled' } })).toBe(403);
  expect(await asked('GET', `/notifications/${id}/content`)).toBe(403);
  expect(await asked('GET', '/sandbox')).toBe(403);
  expect(await stateOf(id)).toBe('scheduled');
  const masked = await page.evaluate<string>(
    `fetch('/api/v1/notifications/export', { headers: { 'Carillon-App': ${JSON.stringify(dashboard.appId)}, 'Carillon-Environment': 'live' } }).then((answer) => answer.text())`,
  );
  expect(masked).not.toMatch(/[a-z]{2,}@example\.com/);
});

test('the sandbox shows mail, SMS and push of test keys as the simulator received them', async () => {
  const mail = await send({}, testKey);
  await ended(mail, 'sent', { outcome: 'accepted', account: 'simulator' });
  const sms = await send(
    { to: { phone: '+14155552671' }, channel: 'sms', content: { text: 'Your code is 314159' } },
    testKey,
  );
  await ended(sms, 'failed', {
    outcome: 'bad_recipient',
    code: '21211',
    account: 'simulator',
    channel: 'sms',
  });
  const { page, complaints } = await dashboard.signIn('developer', '/sandbox?env=live');
  await page.getByRole('button', { name: 'Go to test' }).click();
  await page.getByRole('button', { name: /\+14155552671/ }).click();
  await page.getByText('Your code is 314159').last().waitFor();
  await page.getByRole('button', { name: /ada@example\.com/ }).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Parcel' }).waitFor();
  await page.getByLabel('Words in it').fill('code');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect.poll(() => page.getByRole('button', { name: /ada@example\.com/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('a message of another environment is said to be there', async () => {
  const id = await send({}, testKey);
  const { page } = await dashboard.signIn('support', `/notifications/${id}?env=live`);

  await page.getByRole('link', { name: /^It is in .*, test$/ }).click();
  await page.getByRole('heading', { name: 'Message to ada@example.com' }).waitFor();
});

test.each([
  ['/notifications?env=live', 'messages', (page: Page) => page.getByText('inline text').first().waitFor()],
  [
    '/notifications?env=live&status=expired,skipped',
    'messages-empty',
    (page: Page) => page.getByText('No message meets these filters').waitFor(),
  ],
  [
    '/search?env=live&q=ada@example.com',
    'search',
    (page: Page) => page.getByText('All messages to').waitFor(),
  ],
  ['/doubts?env=live', 'doubts', (page: Page) => page.getByRole('heading', { name: 'Doubts' }).waitFor()],
  ['/bulk?env=live', 'bulk', (page: Page) => page.getByText('Matched').first().waitFor()],
] as const)('the page %s is good in both schemes and widths', async (at, name, ready) => {
  await expectGoodPage(dashboard, 'support', at, name, ready);
});

test('the page of a message is good in both schemes and widths, its content included', async () => {
  const id = await send({ to: { email: 'page@example.com' } });
  await ended(id, 'failed', {
    outcome: 'bad_recipient',
    code: 'invalid_to',
    error: 'Resend says this recipient cannot be reached (HTTP 422, invalid_to).',
  });
  await expectGoodPage(dashboard, 'support', `/notifications/${id}?env=live`, 'message', async (page) => {
    const show = page.getByRole('button', { name: 'Show what was sent' });
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    if (await show.isVisible()) await show.click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'Parcel' }).waitFor();
    const answer = page.getByText("Provider's answer");
    if (!(await answer.isVisible())) await page.getByRole('button', { name: /1\. email by resend/ }).click();
    await answer.waitFor();
  });
});

test('the sandbox is good in both schemes and widths', async () => {
  const id = await send({}, testKey);
  await ended(id, 'sent', { outcome: 'accepted', account: 'simulator' });
  await expectGoodPage(dashboard, 'developer', `/sandbox?env=test&open=${id}.email`, 'sandbox', (page) =>
    page.frameLocator('iframe').getByRole('heading', { name: 'Parcel' }).waitFor(),
  );
});

test('the form of a bulk action is good in both schemes and widths', async () => {
  await expectGoodPage(
    dashboard,
    'support',
    '/notifications?env=live&channel=email',
    'bulk-form',
    async (page) => {
      const act = page.getByRole('button', { name: 'Act on all of these' });
      const dialog = page.getByRole('dialog');
      await act.or(dialog).first().waitFor();
      if (!(await dialog.isVisible())) await act.click();
      const count = page.getByRole('button', { name: 'Count first' });
      const counted = page.getByText(/messages? meets? this filter/);
      await count.or(counted).first().waitFor();
      if (await count.isVisible()) await count.click();
      await counted.waitFor();
    },
  );
});

test('the progress of a bulk action is good in both schemes and widths', async () => {
  const { sql } = dashboard.db;
  const [running] = await sql`
    insert into bulk_actions (app_id, environment, request_hash, action, filter, rate_per_second, state, matched,
      matched_completely, done, skipped, actor)
    values (${dashboard.appId}, 'live', '\\x00', 'retry', '{"status": "dead"}', 50, 'running', 100, true, 40,
      '{"wrong_state": 3, "may_have_arrived": 2}', 'key:x')
    returning id`;
  await expectGoodPage(dashboard, 'support', `/bulk/${running!.id}?env=live`, 'bulk-progress', (page) =>
    page.getByText('45 of 100 messages').waitFor(),
  );
});
