import { audit } from '@carillon/db/audit/audit';
import { storeMeasured } from '@carillon/db/overview/write-measured';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { overview } from '../../apps/worker/src/maintenance/overview.ts';
import { insertPastSends } from '../support/flows.ts';
import { expectAccessible } from './accessibility.ts';
import { expectGoodPage, picture, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
let apiKey: string;
beforeAll(async () => {
  dashboard = await startDashboard();
  const { sql } = dashboard.db;
  await givenTraffic();
  await storeMeasured(sql, {
    redis: {
      lanes: [
        { lane: 'email-bulk', waiting: 1_240, delayed: 3, active: 8, failed: 1, oldestSeconds: 42 },
        { lane: 'email-critical', waiting: 0, delayed: 0, active: 1, failed: 0, oldestSeconds: 0 },
      ],
      usedBytes: 48_000_000,
      maxBytes: 512_000_000,
    },
    postgres: {
      outbox: [{ lane: 'email-bulk', known: 12, unknown: 0, lagSeconds: 0.4 }],
      doubts: [
        { waitsFor: 'evidence', count: 1, oldestSeconds: 8 },
        { waitsFor: 'person', count: 2, oldestSeconds: 5_400 },
      ],
      dead: 7,
      eventsPending: 3,
    },
    stuck: { counts: { pending: 0, overdue: 0 } },
  });
  const duty = overview({ sql, budgetMs: 60_000 });
  for (let turn = 0; turn < 6; turn++) await duty.runOnce();
  // No worker runs here: what one measured must not grow old while the tests do.
  await sql`update measured_now set measured_at = now() + interval '1 hour'`;
  await givenRequests();
  await givenChanges();
}, 120_000);
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

const MINUTE = 60_000;

/** Sends of the last hours, by two accounts, one of which fails more and more. */
async function givenTraffic(): Promise<void> {
  const { sql } = dashboard.db;
  await sql`
    insert into circuit_breakers (account, channel, state, held_by, reason, probe_at) values
      ('resend', 'email', 'closed', null, null, null),
      ('postmark', 'email', 'open', null, '40 of 50 calls failed', now()),
      ('twilio', 'sms', 'closed', null, null, null)`;
  for (let minutes = 300; minutes >= 0; minutes -= 4) {
    const at = new Date(Date.now() - minutes * MINUTE - 5_000);
    const live = { appId: dashboard.appId, environment: 'live' as const, createdAt: at };
    const wave = 1 + Math.sin(minutes / 25);
    const ended = (ms: number) => new Date(at.getTime() + ms);
    await insertPastSends(sql, {
      ...live,
      count: Math.round(12 + 8 * wave),
      account: 'resend',
      endedAt: ended(180 + 60 * wave),
    });
    await insertPastSends(sql, {
      ...live,
      count: 3,
      priority: 'critical',
      account: 'resend',
      endedAt: ended(60),
    });
    await insertPastSends(sql, {
      ...live,
      count: Math.round(6 * wave),
      priority: 'bulk',
      account: 'twilio',
      endedAt: ended(4_000 + 2_000 * wave),
    });
    if (minutes < 120 && minutes > 4)
      await insertPastSends(sql, {
        ...live,
        count: 2,
        account: 'resend',
        outcome: 'throttled',
        endedAt: ended(50),
      });
  }
}

async function givenRequests(): Promise<void> {
  const { api } = dashboard;
  apiKey = await api.key({ scopes: ['notifications:write', 'templates:*'] });
  const as = { key: apiKey };
  await api.request('POST', '/v1/notifications', { to: { email: 'ada@example.com' }, channel: 'emial' }, as);
  await api.request(
    'POST',
    '/v1/notifications',
    { to: { email: 'ada@example.com' }, channel: 'email', content: { subject: 'Hi', text: 'Hello' } },
    as,
  );
  for (let n = 0; n < 4; n++) await api.request('GET', '/v1/templates?limit=5', undefined, as);
  await api.request('GET', '/v1/templates/none', undefined, as);
  await api.request('GET', '/v1/staff', undefined, as);
  await api.requestLog.flush();
}

async function givenChanges(): Promise<void> {
  const { api } = dashboard;
  await api.request('PUT', '/v1/categories/orders', { delivery_policy: 'ask' });
  await api.request('PUT', '/v1/categories/orders', { delivery_policy: 'resolve', secret: true });
  await audit(dashboard.db.sql, {
    appId: null,
    actor: 'staff:owner@example.com',
    action: 'staff.role',
    subject: 'staff:1',
    detail: { role: 'admin', role_before: 'viewer' },
  });
}

test('the overview is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'viewer', '/overview', 'overview', async (page) => {
    await page
      .getByRole('figure', { name: /^Accepted and sent per second/ })
      .locator('canvas')
      .waitFor();
    await page
      .getByRole('figure', { name: /^Redis memory/ })
      .locator('canvas')
      .waitFor();
  });
});

test('an operator sees what needs a person, which account is not used, and the numbers behind a chart', async () => {
  const { page, complaints } = await dashboard.signIn('support', '/overview');
  await page.getByText('2 wait for a person').waitFor();
  const accounts = page.getByRole('table', { name: /^Provider accounts/ });
  await accounts.getByRole('row', { name: /postmark.*not used.*40 of 50 calls failed/ }).waitFor();
  expect(await page.getByRole('table', { name: 'Lanes' }).getByRole('row').count()).toBe(3);
  await page.getByRole('button', { name: 'All 12 lanes' }).click();
  expect(await page.getByRole('table', { name: 'Lanes' }).getByRole('row').count()).toBe(13);

  await page.getByText('6 h', { exact: true }).click();
  await page.waitForURL(/hours=6/);
  const figure = page.getByRole('figure', { name: /^Accepted and sent per second/ });
  expect(await figure.getAttribute('aria-label')).toMatch(/accepted: [\d.]+ at the end, [\d.]+ to [\d.]+\./);
  await page.getByRole('button', { name: 'Accepted and sent per second as a table' }).click();
  const numbers = page.getByRole('table', { name: 'Accepted and sent per second' });
  expect(await numbers.getByRole('row').count()).toBeGreaterThan(50);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});

test('what was shown stays, and says since when, while the API is away', async () => {
  const { page } = await dashboard.signIn('viewer', '/overview');
  await page.getByText('2 wait for a person').waitFor();
  await page.route('**/api/v1/overview', (route) => route.abort());
  await page
    .getByText(/^As it was at/)
    .first()
    .waitFor({ timeout: 20_000 });
  expect(await page.getByText('2 wait for a person').isVisible()).toBe(true);
});

test('the audit log is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'auditor', '/audit?of=all', 'audit', (page) =>
    page.getByText('staff.role').waitFor(),
  );
});

test('an auditor filters, sees what was before, verifies the chain and takes a file', async () => {
  const { page, complaints } = await dashboard.signIn('auditor', '/audit');
  await page.getByText('category.put').first().waitFor();
  expect(await page.getByText('staff.role').count()).toBe(0);
  await page.getByText('Whole installation').click();
  await page.getByText('staff.role').waitFor();

  await page.getByRole('combobox', { name: 'Action' }).fill('category.');
  await page.getByRole('combobox', { name: 'Action' }).press('Enter');
  await page.waitForURL(/action=category/);
  await page.getByText('staff.role').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Details of category.put on category:orders' }).first().click();
  const diff = page.getByRole('table', { name: 'Before and after' });
  await diff.getByRole('row', { name: 'delivery_policy ask resolve' }).waitFor();
  await picture(page, 'audit-details');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText(/^All \d+ entries are intact$/).waitFor();
  await picture(page, 'audit-verified');
  await page.keyboard.press('Escape');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
  expect(complaints).toEqual([]);
});

test('a broken chain is said, with the entry', async () => {
  const { sql } = dashboard.db;
  const [{ id }] = await sql<[{ id: string }]>`select min(id)::text as id from audit_log`;
  await sql.unsafe(
    `alter table audit_log disable trigger all; update audit_log set actor = 'x' where id = ${id}`,
  );
  const { page } = await dashboard.signIn('auditor', '/audit');
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText('The chain is broken').waitFor();
  expect(await page.getByRole('status').textContent()).toContain(`The entry ${id}`);
  await picture(page, 'audit-broken');
});

test('the request log is good in both schemes and widths', async () => {
  await expectGoodPage(dashboard, 'developer', '/requests', 'requests', (page) =>
    page.getByText('invalid_request').first().waitFor(),
  );
});

test('a developer finds a refused request, reads why, and copies it as curl', async () => {
  const { page, complaints } = await dashboard.signIn('developer', '/requests?status=problem');
  await page.getByText('not_found').first().waitFor();
  expect(await page.getByText('/v1/templates?limit=...').count()).toBe(0);
  await page.getByLabel('Problem code').fill('invalid_request');
  await page.getByLabel('Problem code').press('Enter');
  await page.waitForURL(/code=invalid_request/);
  await page.getByRole('button', { name: 'Details of POST /v1/notifications' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByText(/is not one of email, sms, push, in_app/)
    .first()
    .waitFor();
  const curl = await dialog.locator('pre').textContent();
  expect(curl).toContain('curl -X POST "$CARILLON_URL/v1/notifications"');
  expect(curl).toContain('{"to":{"email":"..."},"channel":"..."}');
  expect(await page.content()).not.toContain('ada@example.com');
  await picture(page, 'requests-details');
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});

test('people who may not see them have no way to them, and direct requests are refused', async () => {
  const { page } = await dashboard.signIn('viewer', '/');
  await page.waitForURL(/overview/);
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Overview' }).waitFor();
  for (const name of ['Audit log', 'Request log']) expect(await pages.getByText(name).count()).toBe(0);
  const statusOf = (path: string, app: string) =>
    page.evaluate<number, [string, string]>(
      async ([where, of]) =>
        (await fetch(where, { headers: { 'Carillon-App': of, 'Carillon-Environment': 'live' } })).status,
      [path, app],
    );
  for (const path of [
    '/api/v1/audit',
    '/api/v1/audit/verify',
    '/api/v1/audit/export?format=csv',
    '/api/v1/request-log',
  ])
    expect(await statusOf(path, dashboard.appId), path).toBe(403);
  expect(await statusOf('/api/v1/audit', '*')).toBe(403);
});
