import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
let id: string;

beforeAll(async () => {
  dashboard = await startDashboard();
  const { body } = await dashboard.api.request('POST', '/v1/webhook-endpoints', {
    url: 'https://hooks.example.com/carillon',
    description: 'The shop',
    event_types: ['notification.delivered', 'notification.bounced'],
  });
  id = body.id;
  await delivery('delivered', { last_status: 200, last_latency_ms: 84, tries: 1 });
  await delivery('failed', {
    last_status: 500,
    last_latency_ms: 1_204,
    tries: 8,
    last_error: 'answered 500',
  });
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

async function delivery(state: string, columns: Record<string, unknown>): Promise<void> {
  const { sql } = dashboard.db;
  const eventId = randomUUID();
  await sql`
    insert into events (id, app_id, environment, type, data)
    values (${eventId}, ${dashboard.appId}, 'live', 'notification.bounced', '{}')`;
  const row = { event_id: eventId, endpoint_id: id, state, last_tried_at: new Date(), ...columns };
  await sql`insert into event_deliveries ${sql(row as never)}`;
}

test('a developer registers an endpoint and gets its secret once; refusals are next to the field', async () => {
  const { page, complaints } = await dashboard.signIn('developer', '/webhooks');
  await page.getByRole('button', { name: 'New endpoint' }).click();
  const dialog = page.getByRole('dialog', { name: 'New webhook endpoint' });
  await dialog.getByRole('textbox', { name: 'Address' }).fill('http://10.0.0.1/');
  await dialog.getByRole('button', { name: 'Register it' }).click();
  await dialog.getByText(/only https is called/).waitFor();
  await dialog.getByRole('textbox', { name: 'Address' }).fill('https://new.example.com/hook');
  await dialog.getByRole('button', { name: 'Register it' }).click();
  await dialog.getByText(/^whsec_/).waitFor();
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('link', { name: 'https://new.example.com/hook' }).waitFor();
  expect(await page.content()).not.toContain('whsec_');
  expect(complaints.filter((each) => !/422/.test(each))).toEqual([]);
});

test('deliveries show what the endpoint answered and how long it took; events are replayed and the secret rotated', async () => {
  const { page } = await dashboard.signIn('developer', `/webhooks/${id}`);
  await page.getByText('1204 ms').waitFor();
  await page.getByText('answered 500').waitFor();

  await page.getByRole('button', { name: 'Replay events' }).click();
  const replay = page.getByRole('dialog', { name: 'Send events again' });
  await replay.getByRole('button', { name: 'Send them again' }).click();
  await replay.getByText('2 events are sent again.').waitFor();
  await replay.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Rotate the secret' }).click();
  const rotate = page.getByRole('dialog', { name: 'Give it a new signing secret' });
  await rotate.getByRole('button', { name: 'Rotate it' }).click();
  await rotate.getByText(/^whsec_/).waitFor();
  await rotate.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByText('Earlier secret signs until').waitFor();
});

test('a viewer reads endpoints and deliveries, finds no button, and the requests themselves are refused', async () => {
  const { page } = await dashboard.signIn('viewer', `/webhooks/${id}`);
  await page.getByText('https://hooks.example.com/...').waitFor();
  await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
  for (const name of ['Replay events', 'Rotate the secret', 'Remove this endpoint', 'Disable'])
    expect(await page.getByRole('button', { name }).count(), name).toBe(0);
  const headers = { 'carillon-app': dashboard.appId, 'carillon-environment': 'live', origin: dashboard.url };
  const at = `${dashboard.url}/api/v1/webhook-endpoints/${id}`;
  const tried = [
    await page.request.post(`${at}/rotate-secret`, { headers, data: {} }),
    await page.request.delete(at, { headers }),
  ];
  expect(tried.map((answer) => answer.status())).toEqual([403, 403]);
});

test('the list of endpoints is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'developer', '/webhooks', 'webhooks', (page) =>
    page.getByText('The shop').waitFor(),
  );
});

test('the page of an endpoint is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'developer', `/webhooks/${id}`, 'webhook', (page) =>
    page.getByText('answered 500').waitFor(),
  );
});
