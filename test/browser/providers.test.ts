import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
beforeEach(async () => {
  const { sql } = dashboard.db;
  await sql`delete from circuit_breakers`;
  await sql`
    insert into circuit_breakers (account, channel, state, reason, probe_at, cool_down_seconds)
    values ('resend', 'email', 'closed', null, null, 0),
      ('twilio-eu', 'sms', 'open', '7 of 20 calls failed in 30 s', now() + interval '20 seconds', 20)`;
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const card = (page: Page, account: string) => page.getByRole('article', { name: account });
const rowOf = async (account: string) =>
  (
    await dashboard.db.sql`
      select state, held_by as "heldBy", reason, probe_at <= now() as due from circuit_breakers where account = ${account}`
  )[0];

test('a manually opened breaker shows who holds it and why, and so does the audit log', async () => {
  const { page, complaints } = await dashboard.logIn('operator');
  await page.getByRole('link', { name: 'Providers' }).click();
  const resend = card(page, 'resend');
  expect(await resend.getByText('closed: in use').isVisible()).toBe(true);
  await resend.getByLabel('Reason').fill('their <i>status</i> page is red');
  await resend.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('status').getByText('resend is held open').waitFor();
  expect(await resend.getByText('open: not used').isVisible()).toBe(true);
  expect(await resend.getByText('staff:operator@example.com').isVisible()).toBe(true);
  expect(await resend.getByText('their <i>status</i> page is red').isVisible()).toBe(true);
  expect(await resend.getByRole('button', { name: 'Open' }).count()).toBe(0);

  expect(await rowOf('resend')).toEqual({
    state: 'open',
    heldBy: 'staff:operator@example.com',
    reason: 'their <i>status</i> page is red',
    due: null,
  });
  expect(await rowOf('twilio-eu')).toMatchObject({ heldBy: null });
  const audit = await dashboard.db.sql`
    select actor, action, detail ->> 'state' as state from audit_log where subject = 'breaker:resend'`;
  expect(audit).toEqual([{ actor: 'staff:operator@example.com', action: 'breaker.hold', state: 'open' }]);
  expect(complaints).toEqual([]);
});

test('one that opened automatically can be held closed, and releasing it needs no reason', async () => {
  const { page } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers`);
  const twilio = card(page, 'twilio-eu');
  expect(await twilio.getByText('Next probe').isVisible()).toBe(true);
  await twilio.getByLabel('Reason').fill('a false alarm');
  await twilio.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('status').getByText('twilio-eu is held closed').waitFor();
  expect(await rowOf('twilio-eu')).toMatchObject({ state: 'closed', due: null });

  await twilio.getByLabel('Reason').fill('it was none');
  await twilio.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('status').getByText('twilio-eu is held open').waitFor();
  await twilio.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('status').getByText('moves by itself again: it is probed now').waitFor();
  expect(await rowOf('twilio-eu')).toEqual({
    state: 'open',
    heldBy: null,
    reason: 'released by hand',
    due: true,
  });
});

test('without a reason nothing is held, also without the browser’s check', async () => {
  const { page } = await dashboard.logIn('operator');
  await page.goto(`${dashboard.url}/providers`);
  await card(page, 'resend').getByRole('button', { name: 'Open' }).click();
  expect(await card(page, 'resend').locator('input[name=reason]:invalid').count()).toBe(1);
  const token = await page.locator('input[name=token]').first().getAttribute('value');
  const answer = await page.request.post(`${dashboard.url}/providers/resend/open`, {
    form: { token: token!, reason: ' \n ' },
    headers: { origin: dashboard.url },
  });
  expect(await answer.text()).toContain('Nothing was changed: say why');
  expect(await rowOf('resend')).toMatchObject({ state: 'closed', heldBy: null });
});

test('a viewer sees every breaker and moves none', async () => {
  const { page, complaints } = await dashboard.logIn('viewer');
  await page.goto(`${dashboard.url}/providers`);
  expect(await card(page, 'twilio-eu').getByText('7 of 20 calls failed').isVisible()).toBe(true);
  expect(await page.locator('article button').count()).toBe(0);
  const token = await page.locator('input[name=token]').first().getAttribute('value');
  for (const deed of ['open', 'close', 'release']) {
    const answer = await page.request.post(`${dashboard.url}/providers/resend/${deed}`, {
      form: { token: token!, reason: 'x' },
      headers: { origin: dashboard.url },
    });
    expect(answer.status()).toBe(403);
    expect(await answer.text()).toContain('operator or admin');
  }
  expect(await rowOf('resend')).toMatchObject({ state: 'closed', heldBy: null });
  expect(complaints).toEqual([]);
});

test('a form of another origin, without the token, or for an account that is not there changes nothing', async () => {
  const { page } = await dashboard.logIn('admin');
  const token = await page.locator('input[name=token]').first().getAttribute('value');
  const post = async (path: string, form: Record<string, string>, origin = dashboard.url) =>
    (await page.request.post(dashboard.url + path, { form, headers: { origin } })).status();
  const form = { token: token!, reason: 'x' };
  expect(await post('/providers/resend/open', form, 'https://evil.example')).toBe(403);
  expect(await post('/providers/resend/open', { reason: 'x' })).toBe(403);
  expect(await post('/providers/nobody/open', form)).toBe(404);
  expect(await post('/providers/%00/open', form)).toBe(404);
  expect(await post('/providers/resend/explode', form)).toBe(404);
  expect(await rowOf('resend')).toMatchObject({ state: 'closed', heldBy: null });
});

test.each([1280, 380])(
  'the page is not wider than a window of %d px, and no account is an empty page',
  async (width) => {
    const { page } = await dashboard.logIn('operator', { width });
    await page.goto(`${dashboard.url}/providers`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await dashboard.db.sql`delete from circuit_breakers`;
    await page.reload();
    expect(await page.getByText('No provider account yet.').isVisible()).toBe(true);
  },
);
