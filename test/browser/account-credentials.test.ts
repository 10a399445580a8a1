import { parseKeyRing } from '@carillon/core/notification/envelope';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { decryptAccount } from '@carillon/providers/accounts/account-encryption';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RESEND, ring, SECRETS, TWILIO, writeAccounts } from './account-rows.ts';
import { startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
beforeEach(async () => {
  await dashboard.db.sql`delete from provider_accounts`;
  await writeAccounts(dashboard.db.sql, [RESEND, TWILIO]);
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const rowOf = async (id: string) => {
  const found = await findProviderAccount(dashboard.db.sql, id);
  if (!found) return null;
  const { now: _, ...row } = found;
  return row;
};
const opened = async (id: string) => decryptAccount(ring(), (await rowOf(id))!);
const [API_KEY] = SECRETS as [string];
const FROM = '{ "from": "Acme <hello@acme.example>" }';

const fillIn = async (
  page: Page,
  fields: Partial<Record<'Settings' | 'Credentials' | 'Receipts' | 'DKIM', string>>,
) => {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(`${label} (JSON)`).fill(text);
};
const create = async (page: Page, id: string, provider: string, fields: Parameters<typeof fillIn>[1]) => {
  await page.goto(`${dashboard.url}/providers/new`);
  await page.getByLabel('Id', { exact: true }).fill(id);
  await page.getByLabel('Provider', { exact: true }).selectOption(provider);
  await fillIn(page, fields);
  await page.getByRole('button', { name: 'Create' }).click();
};
const errorsBy = async (page: Page, field: string) => {
  await page.getByRole('alert').waitFor();
  return (await page.locator(`#${field}-errors li`).allTextContents()).map((text) => text.trim());
};
const holdsNoSecret = async (page: Page) => {
  const source = await page.content();
  for (const secret of SECRETS) expect(source).not.toContain(secret);
};

test('creating an account with a wrong field shows the error at the field, and stores nothing until it is corrected', async () => {
  const { page, complaints } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers`);
  await page.getByRole('link', { name: 'New account' }).click();
  await create(page, 'resend-us', 'resend', {
    Settings: '{ "form": "hello@acme.example", "base_url": "ftp://resend", "order": 3 }',
    Credentials: JSON.stringify({ api_key: API_KEY, password: SECRETS[1] }),
    Receipts: JSON.stringify({ secrets: [] }),
  });
  await page.getByRole('alert').getByText('Nothing was saved').waitFor();
  expect(await errorsBy(page, 'settings')).toEqual([
    'from is missing (string)',
    'base_url must be an http or https URL',
    'form is no field of this provider; check its spelling or leave it out',
  ]);
  expect(await errorsBy(page, 'credentials')).toEqual([
    'credentials.password is no field of this provider; check its spelling or leave it out',
  ]);
  expect(await errorsBy(page, 'receipts')).toHaveLength(1);
  expect(await page.getByLabel('Settings (JSON)').getAttribute('aria-describedby')).toBe('settings-errors');
  // Fields that are not secret keep their values for correction; the misspelt field could have held a secret.
  expect(await page.getByLabel('Id', { exact: true }).inputValue()).toBe('resend-us');
  expect(JSON.parse(await page.getByLabel('Settings (JSON)').inputValue())).toEqual({
    base_url: 'ftp://resend',
    order: 3,
  });
  expect(await page.getByLabel('Credentials (JSON)').inputValue()).toBe('');
  await holdsNoSecret(page);
  expect(await rowOf('resend-us')).toBeNull();

  await fillIn(page, { Settings: FROM, Credentials: JSON.stringify({ api_key: API_KEY }) });
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('status').getByText('resend-us is there').waitFor();
  await holdsNoSecret(page);
  expect(await rowOf('resend-us')).toMatchObject({ managedBy: 'api', enabled: true, position: 10 });
  expect(await opened('resend-us')).toMatchObject({ from: RESEND.from, credentials: { apiKey: API_KEY } });
  const audit = await dashboard.db.sql`select actor, audit_log::text as row from audit_log`;
  expect(audit.at(-1)?.actor).toBe('staff:admin@example.com');
  for (const { row } of audit) for (const secret of SECRETS) expect(row).not.toContain(secret);
  expect(complaints.filter((each) => !each.includes('422'))).toEqual([]);
});

test.each([
  ['text that is not JSON', `{ "api_key": "${API_KEY}", }`, 'is not JSON'],
  ['a list', `["${API_KEY}"]`, 'is no JSON object'],
  ['a bare word', JSON.stringify(API_KEY), 'is no JSON object'],
  ['a text without an end', `{ "api_key": "${API_KEY}${'x'.repeat(20_000)}" }`, 'is longer than 20000'],
])('%s is reported at its field wherever it stands, and never quoted', async (_, text, words) => {
  const { page } = await dashboard.logIn('admin');
  for (const [label, field] of [
    ['Settings', 'settings'],
    ['Credentials', 'credentials'],
    ['Receipts', 'receipts'],
    ['DKIM', 'dkim'],
  ] as const) {
    const right = { Settings: FROM, Credentials: '{ "api_key": "re_1" }' };
    await create(page, 'refused', 'resend', { ...right, [label]: text });
    expect((await errorsBy(page, field)).join()).toContain(words);
    await holdsNoSecret(page);
  }
  expect(await rowOf('refused')).toBeNull();
});

test('credentials that were put among the settings are refused and not shown again', async () => {
  const { page } = await dashboard.logIn('admin');
  for (const settings of [
    { from: 'a@acme.example', credentials: { api_key: API_KEY } },
    { from: 'a@acme.example', receipts: { secrets: [SECRETS[1]] } },
    { from: 'a@acme.example', api_key: API_KEY },
  ]) {
    const texts = { Settings: JSON.stringify(settings), Credentials: '{ "api_key": "re_1" }' };
    await create(page, 'refused', 'resend', texts);
    expect(await errorsBy(page, 'settings')).toHaveLength(1);
    expect(await page.getByLabel('Settings (JSON)').inputValue()).toContain('a@acme.example');
    await holdsNoSecret(page);
  }
  expect(await rowOf('refused')).toBeNull();
});

test('a used or missing id, and an account without an environment are refused by name', async () => {
  const { page } = await dashboard.logIn('admin');
  const before = await rowOf('resend-eu');
  const texts = { Settings: FROM, Credentials: '{ "api_key": "re_1" }' };
  await create(page, 'resend-eu', 'resend', texts);
  expect((await errorsBy(page, 'id')).join()).toContain('there already');
  expect(await rowOf('resend-eu')).toEqual(before);

  await page.goto(`${dashboard.url}/providers/new`);
  await page.getByLabel('live', { exact: true }).uncheck();
  await page.getByLabel('Id', { exact: true }).fill('resend-us');
  await fillIn(page, texts);
  await page.getByRole('button', { name: 'Create' }).click();
  expect((await errorsBy(page, 'environments')).join()).toContain('tick one');
});

test('stored credentials are not sent to another server: a new address needs them again', async () => {
  const { page } = await dashboard.logIn('admin');
  const before = await rowOf('resend-eu');
  await page.goto(`${dashboard.url}/providers/resend-eu/settings`);
  await fillIn(page, { Settings: '{ "from": "a@acme.example", "base_url": "https://evil.example" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  expect((await errorsBy(page, 'credentials')).join()).toContain('leads to another server');
  expect(await rowOf('resend-eu')).toEqual(before);
});

test('new credentials replace the old ones, and left empty they stay', async () => {
  const { page, complaints } = await dashboard.logIn('admin');
  await dashboard.db.sql`update provider_accounts set position = 4, enabled = false where id = 'resend-eu'`;
  const before = (await rowOf('resend-eu'))!;
  await page.goto(`${dashboard.url}/providers/resend-eu/settings`);
  await holdsNoSecret(page);
  expect(JSON.parse(await page.getByLabel('Settings (JSON)').inputValue())).toEqual({ from: RESEND.from });
  await fillIn(page, { Settings: '{ "from": "new@acme.example" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('resend-eu is saved').waitFor();
  // Its order, its limit and its switch have forms of their own.
  expect(await rowOf('resend-eu')).toMatchObject({
    position: 4,
    enabled: false,
    ratePerSecond: 10,
    fingerprint: before.fingerprint,
  });
  expect(await opened('resend-eu')).toMatchObject({
    from: 'new@acme.example',
    credentials: RESEND.credentials,
    receipts: RESEND.receipts,
  });

  await page.goto(`${dashboard.url}/providers/resend-eu/settings`);
  await fillIn(page, { Credentials: '{ "api_key": "re_another" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('resend-eu is saved').waitFor();
  expect((await rowOf('resend-eu'))!.fingerprint).not.toBe(before.fingerprint);
  expect(await opened('resend-eu')).toMatchObject({
    credentials: { apiKey: 're_another' },
    receipts: RESEND.receipts,
  });
  expect(complaints).toEqual([]);
});

test('prefixes of an SMS account are settings that can be removed again', async () => {
  const { page } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers/twilio-eu/settings`);
  expect(await page.getByLabel('Settings (JSON)').inputValue()).toContain('+44');
  await fillIn(page, { Settings: '{ "from": "+15005550006" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('twilio-eu is saved').waitFor();
  expect(await rowOf('twilio-eu')).toMatchObject({ prefixes: [], environments: ['live', 'test'] });
});

test('a CA file that PROVIDERS_FILE named stays, is not shown, and cannot be named here', async () => {
  await writeAccounts(
    dashboard.db.sql,
    [{ ...RESEND, id: 'resend-ca', caFile: '/etc/carillon/ca.pem' }],
    'file',
  );
  const { page } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers/resend-ca/settings`);
  expect(await page.getByText('holds until a worker starts').isVisible()).toBe(true);
  expect(await page.content()).not.toContain('ca.pem');
  await fillIn(page, { Settings: '{ "from": "new@acme.example", "ca_file": "/etc/passwd" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  expect((await errorsBy(page, 'settings')).join()).toContain('only PROVIDERS_FILE');

  await fillIn(page, { Settings: '{ "from": "new@acme.example" }' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('resend-ca is saved').waitFor();
  expect(await opened('resend-ca')).toMatchObject({
    from: 'new@acme.example',
    caFile: '/etc/carillon/ca.pem',
  });
});

test('credentials whose key is no longer configured are reported, and can be entered again', async () => {
  const other = parseKeyRing(`gone:${Buffer.alloc(32, 9).toString('base64')}`);
  if ('problem' in other) throw new Error(other.problem);
  await writeAccounts(dashboard.db.sql, [{ ...RESEND, id: 'resend-lost' }], 'api', other);
  const { page } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers/resend-lost/settings`);
  await page.getByRole('button', { name: 'Save' }).click();
  expect((await errorsBy(page, 'credentials')).join()).toContain('the key "gone" is no longer configured');
  expect((await errorsBy(page, 'receipts')).join()).toContain('cannot be kept');

  await fillIn(page, { Credentials: '{ "api_key": "re_anew" }', Receipts: '{}' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('resend-lost is saved').waitFor();
  expect(await opened('resend-lost')).toMatchObject({ credentials: { apiKey: 're_anew' } });
});

test('the DKIM key of an SMTP account is a secret like the others, and can be removed', async () => {
  const { page } = await dashboard.logIn('admin');
  const key = `-----BEGIN PRIVATE KEY-----\n${SECRETS[2]}\n-----END PRIVATE KEY-----`;
  const dkim = { domain_name: 'acme.example', key_selector: 's1', private_key: key };
  await create(page, 'smtp-eu', 'smtp', {
    Settings: '{ "from": "a@acme.example", "host": "mail.acme.example", "port": 587 }',
    DKIM: JSON.stringify({ ...dkim, colour: 'red' }),
  });
  expect((await errorsBy(page, 'dkim')).join()).toContain('dkim.colour is no field');
  await holdsNoSecret(page);
  await fillIn(page, { DKIM: JSON.stringify(dkim) });
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('status').getByText('smtp-eu is there').waitFor();
  expect(await opened('smtp-eu')).toMatchObject({ dkim: { domainName: 'acme.example', privateKey: key } });
  expect((await rowOf('smtp-eu'))!.settings).not.toHaveProperty('dkim');

  await page.goto(`${dashboard.url}/providers/smtp-eu/settings`);
  await holdsNoSecret(page);
  await fillIn(page, { DKIM: '{}' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('smtp-eu is saved').waitFor();
  expect(await opened('smtp-eu')).not.toHaveProperty('dkim');
  await page.goto(`${dashboard.url}/providers/resend-eu/settings`);
  expect(await page.getByLabel('DKIM (JSON)').count()).toBe(0);
  // Required fields cannot be removed.
  await fillIn(page, { Credentials: '{}' });
  await page.getByRole('button', { name: 'Save' }).click();
  expect((await errorsBy(page, 'credentials')).join()).toContain('credentials is missing');
});

test('no page about accounts holds a credential in its source', async () => {
  const { page } = await dashboard.logIn('admin');
  for (const path of ['', '/new', '/resend-eu/settings', '/twilio-eu/settings', '/resend-eu/delete']) {
    await page.goto(`${dashboard.url}/providers${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await holdsNoSecret(page);
  }
});
