import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

/** Text of a key, in whatever stands around it. */
const KEY = /cln_live_[0-9a-f]{12}_[0-9a-f]{48}_[0-9a-f]{8}/;

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

test('an administrator makes a key, sees its text once, and rotates it while the old one works on', async () => {
  const { page, complaints } = await dashboard.signIn('admin', '/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByLabel(/^Name/).fill('Shop');
  await page.getByRole('button', { name: 'Make it' }).click();
  const shown = page.getByRole('status').filter({ hasText: 'shown this once' });
  const first = KEY.exec((await shown.textContent())!)![0];
  const answers = async (key: string) =>
    (await dashboard.api.request('GET', '/v1/templates', undefined, { key })).status;
  // The scope of the key is to send; that it is known shows in the refusal.
  expect(await answers(first)).toBe(403);

  await page.getByRole('row', { name: /Shop/ }).getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('button', { name: 'Make the new key' }).click();
  await expect.poll(async () => KEY.exec((await shown.textContent()) ?? '')?.[0]).not.toBe(first);
  const second = KEY.exec((await shown.textContent())!)![0];
  expect([await answers(first), await answers(second)]).toEqual([403, 403]);
  await page.reload();
  await page.getByRole('table', { name: 'API keys' }).waitFor();
  expect(await page.content()).not.toContain(second);
  const [entry] = await dashboard.db.sql`select actor from audit_log where action = 'api_key.rotate'`;
  expect(entry).toEqual({ actor: 'staff:admin@example.com' });
  expect(complaints).toEqual([]);
});

test('an owner invites somebody, who chooses a password by the link and sees what the role allows', async () => {
  const { page } = await dashboard.signIn('owner', '/staff');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByLabel(/^E-mail address/).fill('new@example.com');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = page.getByRole('status').filter({ hasText: 'Hand this link over' });
  const url = /http\S+choose-password\?token=[\w-]{32}/.exec((await link.textContent())!)![0];

  const invited = await dashboard.visit();
  await invited.page.goto(url);
  await invited.page.getByLabel('New password').fill('passwordpassword');
  await invited.page.getByLabel('Once more').fill('passwordpassword');
  await invited.page.getByRole('button', { name: 'Choose it' }).click();
  await invited.page.getByText(/The password is made of words/).waitFor();
  await invited.page.getByLabel('New password').fill('a sentence of my own');
  await invited.page.getByLabel('Once more').fill('a sentence of my own');
  await invited.page.getByRole('button', { name: 'Choose it' }).click();
  await invited.page.getByLabel('E-mail address').fill('new@example.com');
  await invited.page.getByLabel(/^Password/).fill('a sentence of my own');
  await invited.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await invited.page.getByRole('banner').waitFor();
  expect(await invited.page.getByRole('link', { name: 'Staff' }).count()).toBe(0);
});

test('an owner lists the origins whose pages may show inboxes; a bad one is named beside the field', async () => {
  const { page } = await dashboard.signIn('owner', '/apps');
  await page.getByRole('button', { name: 'Change', exact: true }).first().click();
  const origins = page.getByLabel('Origins of web pages');
  await origins.fill('https://shop.example\nhttps://shop.example/inbox');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/"https:\/\/shop\.example\/inbox"/).waitFor();
  await origins.fill('https://shop.example\nhttps://admin.shop.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await origins.waitFor({ state: 'hidden' });
  const rows = await dashboard.db.sql`select allowed_origins from apps where allowed_origins <> '{}'`;
  expect(rows).toEqual([{ allowed_origins: ['https://shop.example', 'https://admin.shop.example'] }]);
});

test('a viewer finds none of it, and the requests themselves are refused', async () => {
  const { page } = await dashboard.signIn('viewer', '/account');
  for (const name of ['API keys', 'Staff', 'Apps'])
    expect(await page.getByRole('link', { name, exact: true }).count(), name).toBe(0);
  const headers = {
    origin: dashboard.url,
    'carillon-app': dashboard.appId,
    'carillon-environment': 'live',
  };
  const asked = [
    ['POST', '/v1/api-keys', { name: 'k', environment: 'live', scopes: ['notifications:read'] }],
    ['GET', '/v1/staff', undefined],
    ['POST', '/v1/staff', { email: 'x@example.com', role: 'owner' }],
    ['POST', '/v1/apps', { name: 'x' }],
  ] as const;
  for (const [method, path, data] of asked) {
    const answer = await page.request.fetch(`${dashboard.url}/api${path}`, {
      method,
      headers,
      ...(data && { data }),
    });
    expect([path, answer.status()]).toEqual([path, 403]);
  }
});

test.each([
  ['keys', 'Make a key'],
  ['staff', 'viewer@example.com'],
  ['apps', 'UTC'],
])('the page %s is good in both schemes and widths', async (name, text) => {
  await expectGoodPage(dashboard, 'owner', `/${name}`, name, (page) =>
    page.getByText(text).first().waitFor(),
  );
});
