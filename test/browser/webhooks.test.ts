import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './dashboard.ts';

const SHOP = '0f8fad5b-d9cb-469f-a165-708677289501';
const BANK = '0f8fad5b-d9cb-469f-a165-708677289502';

let dashboard: TestDashboard;
let disabled: string;
let failing: string;
let well: string;
beforeAll(async () => {
  dashboard = await startDashboard();
  await dashboard.db.sql`
    insert into apps (id, name) values (${SHOP}, 'Shop <b>&</b> Sons'), (${BANK}, 'A bank')`;
});
beforeEach(async () => {
  const { sql } = dashboard.db;
  await sql`delete from event_deliveries`;
  await sql`delete from events`;
  await sql`delete from webhook_endpoints`;
  disabled = await endpoint(SHOP, 'https://shop.example/gone', {
    description: 'the <i>old</i> one',
    failing_since: ago(6 * 1440),
    disabled_at: ago(1440),
    disabled_reason: 'it failed for five days without one success',
  });
  failing = await endpoint(SHOP, 'https://shop.example/failing', {
    event_types: ['notification.sent'],
    failing_since: ago(30),
  });
  well = await endpoint(BANK, 'https://bank.example/well', { environment: 'test' });
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

async function endpoint(appId: string, url: string, columns: Record<string, unknown>): Promise<string> {
  const { sql } = dashboard.db;
  const row = {
    app_id: appId,
    environment: 'live',
    url,
    secret: Buffer.from('a sealed secret'),
    data_key: Buffer.from('a wrapped key'),
    key_id: 'k1',
    ...columns,
  };
  const [{ id }] = (await sql<{ id: string }[]>`
    insert into webhook_endpoints ${sql(row)} returning id`) as unknown as [{ id: string }];
  return id;
}

/** An event of an app, and its delivery to an endpoint if one is given. */
async function event(
  minutesAgo: number,
  type: string,
  to?: { endpoint: string; state: string; [column: string]: unknown },
): Promise<string> {
  const { sql } = dashboard.db;
  const id = randomUUID();
  const at = ago(minutesAgo);
  const notification = randomUUID();
  await sql`
    insert into events (id, app_id, environment, type, notification_id, data, created_at)
    values (${id}, ${SHOP}, 'live', ${type}, ${notification}, '{}', ${at})`;
  if (to) {
    const { endpoint: endpoint_id, ...columns } = to;
    await sql`insert into event_deliveries ${sql({ event_id: id, endpoint_id, created_at: at, ...columns })}`;
  }
  return id;
}

const rowOf = async (id: string) =>
  (
    await dashboard.db.sql`
      select disabled_at as "disabledAt", disabled_reason as "disabledReason", failing_since as "failingSince"
      from webhook_endpoints where id = ${id}`
  )[0];
const audited = (id: string) =>
  dashboard.db.sql`
    select actor, action, app_id as "appId" from audit_log
    where subject = ${`webhook_endpoint:${id}`} order by id desc limit 1`;
const deliveriesOf = (id: string) =>
  dashboard.db.sql`
    select event_id as "eventId", state, tries from event_deliveries where endpoint_id = ${id} order by created_at`;
const post = async (page: Page, path: string, form: Record<string, string> = {}, origin = dashboard.url) => {
  const token = (await page.locator('input[name=token]').first().getAttribute('value'))!;
  const headers = { origin };
  return page.request.post(dashboard.url + path, { form: { token, ...form }, headers, maxRedirects: 0 });
};

test('the endpoints are listed by app, disabled ones first, with the reason and the time', async () => {
  await event(3, 'notification.sent', { endpoint: failing, state: 'failed', last_status: 503, tries: 8 });
  await event(2, 'notification.sent', { endpoint: failing, state: 'delivered', last_status: 204, tries: 1 });
  const { page, complaints } = await dashboard.logIn('viewer');
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'A bank',
    'Shop <b>&</b> Sons',
  ]);
  const shop = page.getByRole('region', { name: 'Shop <b>&</b> Sons' });
  expect(await shop.locator('.row-link').allTextContents()).toEqual([
    'https://shop.example/...',
    'https://shop.example/...',
  ]);
  const [first, second] = await shop.locator('tbody tr').all();
  expect(await first!.textContent()).toContain('it failed for five days');
  expect(await first!.textContent()).toContain('the <i>old</i> one');
  expect(await first!.textContent()).toContain('every event');
  const words = (await second!.textContent())!;
  for (const each of ['failing', 'notification.sent', 'delivered', 'HTTP 204', '30 min ago'])
    expect(words).toContain(each);
  expect(complaints).toEqual([]);
});

test.each([
  ['viewer', false],
  ['operator', true],
] as const)('whether a %s sees a whole URL, which may hold a token: %s', async (role, whole) => {
  const { sql } = dashboard.db;
  await sql`update webhook_endpoints set url = 'https://shop.example/T0/secret?token=secret' where id = ${failing}`;
  const { page } = await dashboard.logIn(role);
  for (const path of ['/webhooks', `/webhooks/${failing}`]) {
    await page.goto(dashboard.url + path);
    expect((await page.content()).includes('secret')).toBe(whole);
    expect(await page.content()).toContain('https://shop.example/');
  }
});

test('an operator enables a disabled endpoint, and the audit log of its app says who', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/webhooks`);
  await page.getByRole('link', { name: 'https://shop.example/gone' }).click();
  expect(await page.getByRole('button', { name: /again/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByRole('status').getByText('Enabled').waitFor();
  expect(await page.getByRole('button', { name: 'Enable' }).count()).toBe(0);
  expect(await page.locator('.title-line .badge').first().textContent()).toBe('enabled');
  expect(await rowOf(disabled)).toEqual({ disabledAt: null, disabledReason: null, failingSince: null });
  expect(await audited(disabled)).toEqual([
    { actor: 'staff:operator@example.com', action: 'webhook_endpoint.patch', appId: SHOP },
  ]);
  // An enabled one keeps the record of its failures.
  await post(page, `/webhooks/${failing}/enable`);
  expect((await rowOf(failing))!.failingSince).not.toBeNull();
  expect(await audited(failing)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the last deliveries are shown with what the endpoint answered', async () => {
  await event(9, 'notification.sent', {
    endpoint: failing,
    state: 'failed',
    tries: 8,
    last_status: 500,
    last_error: 'answered <b>500</b>',
    last_latency_ms: 41,
    last_tried_at: ago(1),
  });
  await event(4, 'notification.dead', {
    endpoint: failing,
    state: 'pending',
    tries: 2,
    next_try_at: new Date(Date.now() + 125_000),
    last_error: 'timeout',
  });
  const { page } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/webhooks/${failing}`);
  const [newest, oldest] = (await page.locator('tbody tr').allTextContents()).map((text) =>
    text.replaceAll(/\s+/g, ' '),
  );
  for (const words of ['pending', 'next try in 2 min', 'notification.dead', 'timeout', '4 min ago'])
    expect(newest).toContain(words);
  for (const words of ['failed', 'HTTP 500', 'answered <b>500</b>', '41 ms', '8'])
    expect(oldest).toContain(words);
});

test('the events of the last hour are sent again, those before and of other kinds are not', async () => {
  const old = await event(90, 'notification.sent', { endpoint: failing, state: 'delivered', tries: 1 });
  const delivered = await event(50, 'notification.sent', { endpoint: failing, state: 'delivered', tries: 3 });
  const never = await event(10, 'notification.sent');
  await event(10, 'notification.dead');
  const { page } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/webhooks/${failing}`);
  await page.getByRole('button', { name: 'Send the last hour again' }).click();
  await page.getByRole('status').getByText('2 events come again').waitFor();
  const rows = await deliveriesOf(failing);
  expect(rows).toEqual(
    expect.arrayContaining([
      { eventId: old, state: 'delivered', tries: 1 },
      { eventId: delivered, state: 'pending', tries: 0 },
      { eventId: never, state: 'pending', tries: 0 },
    ]),
  );
  expect(rows).toHaveLength(3);
  expect(await audited(failing)).toEqual([
    { actor: 'staff:operator@example.com', action: 'webhook_endpoint.replay', appId: SHOP },
  ]);

  await page.getByRole('button', { name: 'Send the last day again' }).click();
  await page.getByRole('status').getByText('3 events come again').waitFor();
});

test('to a disabled endpoint nothing is sent again, also without the browser’s check', async () => {
  await event(10, 'notification.sent');
  const { page } = await dashboard.logIn('operator');
  const answer = await post(page, `/webhooks/${disabled}/replay/hour`);
  await page.goto(dashboard.url + answer.headers().location);
  await page.getByRole('status').getByText('Enable it first').waitFor();
  expect(await deliveriesOf(disabled)).toEqual([]);
});

test('a viewer sees endpoints and deliveries and has no form for them, whatever is posted', async () => {
  const { page, complaints } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/webhooks/${disabled}`);
  expect(await page.getByText('it failed for five days').isVisible()).toBe(true);
  expect(await page.locator('main form, main button').count()).toBe(0);
  for (const path of [`${disabled}/enable`, `${failing}/replay/hour`]) {
    const answer = await post(page, `/webhooks/${path}`);
    expect([path, answer.status()]).toEqual([path, 403]);
    expect(await answer.text()).toContain('operator or admin');
  }
  expect((await rowOf(disabled))!.disabledAt).not.toBeNull();
  expect(complaints).toEqual([]);
});

test('forms of another origin, without the token, or for an endpoint that is not there change nothing', async () => {
  const { page } = await dashboard.logIn('admin');
  expect((await post(page, `/webhooks/${disabled}/enable`, {}, 'https://evil.example')).status()).toBe(403);
  expect((await post(page, `/webhooks/${disabled}/enable`, { token: 'x' })).status()).toBe(403);
  expect((await post(page, `/webhooks/${randomUUID()}/enable`)).status()).toBe(404);
  expect((await post(page, '/webhooks/%00/replay/day')).status()).toBe(404);
  expect((await post(page, `/webhooks/${well}/replay/year`)).status()).toBe(404);
  expect((await rowOf(disabled))!.disabledAt).not.toBeNull();
});

test.each([1280, 380])(
  'no page about webhooks is wider than a window of %d px, and none is empty',
  async (width) => {
    await event(4, 'notification.sent', {
      endpoint: failing,
      state: 'delivered',
      tries: 1,
      last_status: 200,
    });
    const { page } = await dashboard.logIn('operator', { width });
    for (const path of ['', `/${failing}`, `/${disabled}`]) {
      await page.goto(`${dashboard.url}/webhooks${path}`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width);
    }
    await dashboard.db.sql`delete from webhook_endpoints`;
    await page.goto(`${dashboard.url}/webhooks`);
    expect(await page.getByText('No endpoint yet.').isVisible()).toBe(true);
  },
);
