import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { uploadFile } from '../support/imports.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { still } from './accessibility.ts';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
/** Between the browser and the dashboard, to break their connection. */
let proxy: TcpProxy;

beforeAll(async () => {
  dashboard = await startDashboard();
  proxy = await tcpProxy(Number(new URL(dashboard.url).port));
  await dashboard.api.request('PUT', '/v1/categories/news', {
    delivery_policy: 'resolve',
    unsubscribable: true,
  });
});
afterEach(async () => {
  await proxy.restore();
  await dashboard.leave();
});
afterAll(async () => {
  await proxy?.close();
  await dashboard?.stop();
});

const choose = (page: Page, name: string, content: string | Buffer) =>
  page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content as string) });
const recipient = async (id: string) => (await dashboard.api.request('GET', `/v1/recipients/${id}`)).body;
const importOf = async (page: Page) => {
  const id = new URL(page.url()).pathname.split('/').at(-1)!;
  return (await dashboard.api.request('GET', `/v1/imports/${id}`)).body;
};
const figure = (page: Page, name: string) =>
  page
    .getByRole('table', { name: /^What (would change|changed)$/ })
    .getByRole('row', { name: new RegExp(`^${name}`) });
const expectFigures = async (page: Page, figures: Record<string, string>) => {
  for (const [name, n] of Object.entries(figures))
    await expect.poll(() => figure(page, name).getByRole('cell').textContent(), { timeout: 60_000 }).toBe(n);
};
const becomes = (page: Page, column: string) => page.getByLabel(`What the column ${column} becomes`);
/** Imports what was checked. */
const importIt = async (page: Page, rows: string) => {
  await page.getByRole('button', { name: `Import ${rows}` }).click({ timeout: 60_000 });
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('heading', { name: 'Import', exact: true }).waitFor();
};
const isDone = (page: Page) =>
  page.getByRole('link', { name: 'See the recipients' }).waitFor({ timeout: 90_000 });

describe('a marketer', () => {
  test('says which column is what, sees two kinds of errors, and imports the rest', async () => {
    const { page, complaints } = await dashboard.signIn('marketer', '/recipients');
    await page.getByRole('link', { name: 'Import', exact: true }).click();
    const file = [
      'Customer,Mail address,Phone,Plan,News,Note',
      'c1,ada@example.com,+4915123456789,pro,true,x',
      'c2,nobody,,pro,,x',
      'c3,nobody at all,,,,x',
      'c4,bo@example.com,0171,basic,,x',
      'c5,cy@example.com,,basic,false,x',
    ];
    await choose(page, 'people.csv', file.join('\n'));
    await page.getByText('nobody at all').waitFor();
    const proposed = async (column: string) => becomes(page, column).inputValue();
    expect(await proposed('Customer')).toBe('id');
    expect(await proposed('Mail address')).toBe('email');
    expect(await proposed('Phone')).toBe('phone');
    expect(await proposed('News')).toBe('preferences.');
    await page.getByLabel('Name of the attribute for the column Plan').fill('tariff');
    await becomes(page, 'Note').selectOption('Leave out');
    await becomes(page, 'Customer').selectOption('Leave out');
    await page.getByText('No column is the id').waitFor();
    expect(await page.getByRole('button', { name: 'Check the file' }).isDisabled()).toBe(true);
    await becomes(page, 'Customer').selectOption('Id');
    await page.getByText('An opt-out is never turned into an opt-in.').waitFor();
    expect(await page.getByLabel('have asked to get messages again').count()).toBe(0);

    await page.getByRole('button', { name: 'Check the file' }).click();
    await expectFigures(page, { New: '2', Changed: '0', Refused: '3', 'Rows read': '5' });
    expect((await recipient('c1')).code).toBe('not_found');
    const errors = (kind: string) => page.getByRole('table', { name: `Errors: ${kind}` });
    await errors('E-mail not usable')
      .getByRole('row', { name: /^4 email "nobody at all" / })
      .waitFor();
    expect(await errors('E-mail not usable').getByRole('row').count()).toBe(3);
    await page.getByRole('link', { name: /^Phone not usable 1/ }).click();
    await errors('Phone not usable')
      .getByRole('row', { name: /^5 phone "0171" / })
      .waitFor();
    expect(await errors('E-mail not usable').count()).toBe(0);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download all errors (CSV)' }).click();
    const lines = readFileSync(await (await downloading).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines.map((line) => line.split(',').slice(0, 2).join())).toEqual([
      'line,kind',
      '3,invalid_email',
      '4,invalid_email',
      '5,invalid_phone',
    ]);

    await importIt(page, '2 rows');
    await isDone(page);
    await expectFigures(page, { New: '2', Refused: '3' });
    expect(await recipient('c1')).toMatchObject({ phone: '+4915123456789', attributes: { tariff: 'pro' } });
    const { body } = await dashboard.api.request('GET', '/v1/recipients/c5/preferences');
    expect(body.categories).toEqual({ news: false });
    const before = page.url();
    await page.reload();
    await isDone(page);
    await expectFigures(page, { New: '2', Refused: '3' });
    expect(page.url()).toBe(before);
    await page.getByRole('link', { name: 'All imports' }).click();
    const list = page.getByRole('table', { name: 'Imports' });
    await list.getByRole('link', { name: 'Import' }).first().waitFor();
    expect(await list.getByRole('link', { name: 'Check' }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('imports a file of a spreadsheet: semicolons, a byte order mark, CRLF', async () => {
    const { page } = await dashboard.signIn('marketer', '/imports/new');
    await choose(
      page,
      'kunden.csv',
      '\ufeffKunde;E-Mail;Umsatz\r\ns1;s1@example.com;"12,50"\r\ns2;s2@example.com;\r\n',
    );
    await page.getByText('semicolons', { exact: true }).waitFor();
    await page.getByText('12,50', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Check the file' }).click();
    await importIt(page, '2 rows');
    await isDone(page);
    expect(await recipient('s1')).toMatchObject({ email: 's1@example.com', attributes: { umsatz: '12,50' } });
  });

  test('reads plainly what is wrong with a file that is no text in UTF-8', async () => {
    const { page } = await dashboard.signIn('marketer', '/imports/new');
    const alert = page.getByRole('alert');
    await choose(page, 'people.xlsx', Buffer.from([0x50, 0x4b, 0x03, 0x04, 1, 2, 3]));
    await alert.getByText(/spreadsheet \(\.xlsx\)\. Save the sheet as CSV in UTF-8/).waitFor();
    await choose(page, 'people.csv', Buffer.from('id,name\nl1,Ada\nl2,Zoë\n', 'latin1'));
    await alert.getByText(/Line 3 is not in UTF-8/).waitFor();
    await choose(page, 'people.csv', 'id|email\np1|p1@example.com\n');
    await alert.getByText(/Only one column was found/).waitFor();
    await page.getByRole('button', { name: 'Check the file' }).waitFor();
  });
});

/** Larger than a part, so that something is stored before the end. */
const MANY = 26_000;
const many = (prefix: string) => {
  const rows = Array.from({ length: MANY }, (_, n) => `${prefix}${n},${prefix}${n}@example.com,${n % 7}`);
  return `id,email,attributes.group\n${rows.join('\n')}\n`;
};
/** The import whose upload is held in its middle, once a part is stored. */
async function heldInTheMiddle(prefix: string): Promise<Page> {
  const { page } = await dashboard.signIn('marketer', '/imports/new');
  await page.goto(`http://127.0.0.1:${proxy.port}/imports/new`);
  const file = many(prefix);
  await choose(page, 'many.csv', file);
  await page.getByRole('button', { name: 'Check the file' }).click();
  await expectFigures(page, { 'Rows read': MANY.toLocaleString('en') });
  await page.getByRole('button', { name: `Import ${MANY.toLocaleString('en')} rows` }).click();
  proxy.freezeAfter(file.length * 0.9);
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await until('a part to be stored', async () => (await importOf(page)).read > 0, { timeoutMs: 60_000 });
  expect((await importOf(page)).read).toBeLessThan(MANY);
  return page;
}

describe('a file of several thousand rows', () => {
  test('goes on by itself behind the last row that was stored when the connection breaks', async () => {
    const page = await heldInTheMiddle('broken');
    await proxy.cut();
    await page.getByText('It goes on by itself').waitFor({ timeout: 60_000 });
    const stopped = await until(
      'the import to be interrupted',
      async () => {
        const found = await importOf(page);
        return found.status === 'interrupted' && found;
      },
      { timeoutMs: 60_000 },
    );
    expect(stopped.read).toBeGreaterThan(0);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/recipients/import')) asked.push(new URL(request.url()).search);
    });
    await proxy.restore();
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 5_000 })
      .catch(() => {});
    await isDone(page);
    // One, or more where the server is slow to notice that the first connection has ended; never from the beginning.
    expect(asked.length).toBeGreaterThan(0);
    for (const query of asked) expect(query).toMatch(/from_line=[1-9]\d{3,}$/);
    await expectFigures(page, {
      New: MANY.toLocaleString('en'),
      Refused: '0',
      'Rows read': MANY.toLocaleString('en'),
    });
    expect(await recipient(`broken${MANY - 1}`)).toMatchObject({ email: `broken${MANY - 1}@example.com` });
  });

  test('shows how far it is, is stopped, says what was applied, and goes on after a reload with the same file', async () => {
    const page = await heldInTheMiddle('stop');
    const bar = page.getByRole('progressbar', { name: 'How much of the file is sent' });
    expect(await bar.getAttribute('aria-valuetext')).toMatch(/%$/);
    await page.getByText(/^[\d,.]+ kB of [\d,.]+ kB sent/).waitFor();
    await page.getByRole('button', { name: 'Stop the import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    // What the browser has handed over is lost with the connection.
    proxy.reset();
    await proxy.restore();
    await page.getByText(/^It was stopped behind line [\d,]+$/).waitFor({ timeout: 60_000 });
    const shown = async () => {
      const { status, next_line: next, created } = await importOf(page);
      const line = `Everything up to line ${(next - 1).toLocaleString('en')} was applied`;
      const isNew =
        (await figure(page, 'New').getByRole('cell').textContent()) === created.toLocaleString('en');
      return status === 'interrupted' && isNew && (await page.getByText(line).isVisible());
    };
    await until('the page to show what was applied', shown, { timeoutMs: 60_000 });
    await page.getByRole('button', { name: 'Go on', exact: true }).waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Choose the same file and go on' }).waitFor();
    await choose(page, 'other.csv', 'id\nx\n');
    await page.getByText(/has read another file up to line/).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Choose the same file and go on' }).waitFor();
    await choose(page, 'many.csv', many('stop'));
    await isDone(page);
    await expectFigures(page, { New: MANY.toLocaleString('en'), 'Rows read': MANY.toLocaleString('en') });
  });
});

describe('who may do what', () => {
  test('support may override opt-outs, and is warned', async () => {
    await dashboard.api.request('PUT', '/v1/recipients/out1', { email: 'out1@example.com' });
    await dashboard.api.request('PUT', '/v1/recipients/out1/preferences', { categories: { news: false } });
    const choices = async () =>
      (await dashboard.api.request('GET', '/v1/recipients/out1/preferences')).body.categories;
    const { page } = await dashboard.signIn('support', '/imports/new');
    const run = async () => {
      await page.getByRole('button', { name: 'Check the file' }).click();
      await importIt(page, '1 row');
      await isDone(page);
    };
    await choose(page, 'again.csv', 'id,preferences.news\nout1,true\n');
    await run();
    expect(await choices()).toEqual({ news: false });
    await page.getByRole('link', { name: 'Import another file' }).click();
    await page.getByLabel('The people in this file have asked to get messages again').check();
    await page.getByRole('alert').filter({ hasText: 'This overrides opt-outs' }).waitFor();
    await run();
    expect(await choices()).toEqual({ news: true });
  });

  test('a viewer sees the figures and errors of imports, and cannot import', async () => {
    const { body } = await uploadFile(dashboard.api, 'csv', 'id,email\nw1,nobody\n', {
      query: '?dry_run=true',
    });
    const { page } = await dashboard.signIn('viewer', '/recipients');
    await page.getByRole('heading', { name: 'Recipients' }).waitFor();
    expect(await page.getByRole('link', { name: 'Import', exact: true }).count()).toBe(0);
    await page.goto(`${dashboard.url}/imports/${body.import_id}`);
    await page.getByRole('table', { name: 'Errors: E-mail not usable' }).waitFor();
    expect(await page.getByText('Nothing is stored yet').count()).toBe(0);
    await page.goto(`${dashboard.url}/imports/new`);
    await page.getByText('Your roles do not allow imports here').waitFor();
    expect(await page.locator('input[type=file]').count()).toBe(0);
  });
});

test('everything is done by keyboard alone', async () => {
  const { page } = await dashboard.signIn('marketer', '/imports/new');
  const focused = () =>
    page.evaluate<string>(
      "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''",
    );
  const tabTo = async (name: string) => {
    await page
      .getByRole('button', { name, exact: true })
      .or(page.getByLabel(name))
      .last()
      .waitFor({ timeout: 60_000 });
    for (let n = 0; n < 80; n++) {
      if ((await focused()) === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} is not reached by Tab`);
  };
  // A key that is pressed while the page is still built may be lost.
  await page.waitForLoadState('networkidle');
  await tabTo('Choose a file');
  await still(page);
  const choosing = page.waitForEvent('filechooser', { timeout: 30_000 });
  await page.keyboard.press('Enter');
  await (await choosing).setFiles({
    name: 'keys.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('Kunde,Extra\nk1,x\n'),
  });
  await tabTo('What the column Extra becomes');
  await page.keyboard.press('Home');
  expect(await becomes(page, 'Extra').inputValue()).toBe('');
  await tabTo('Check the file');
  await page.keyboard.press('Enter');
  await tabTo('Import 1 row');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo('Import');
  await page.keyboard.press('Enter');
  await isDone(page);
  expect((await recipient('k1')).recipient_id).toBe('k1');
});

describe('the pages of imports are good in both schemes and widths', () => {
  const FILE =
    'Customer,Mail,Phone,Plan,News,\nq1,q1@example.com,+4915123456789,pro,true,\nq2,"a very long text that is no address, and does not end soon enough for a narrow column",,,,\n';
  let withErrors: string;
  let stopped: string;
  beforeAll(async () => {
    const rows = Array.from(
      { length: 60 },
      (_, n) => `g${n},${n % 2 ? 'nobody' : `g${n}@example.com`},${n % 3 ? '' : '0171'}`,
    );
    const { body } = await uploadFile(dashboard.api, 'csv', `id,email,phone\n${rows.join('\n')}\n`);
    withErrors = body.import_id;
    const dry = await uploadFile(dashboard.api, 'csv', 'id\nd1\n', { query: '?dry_run=true' });
    stopped = dry.body.import_id;
    await dashboard.db.sql`update imports set finished_at = null where id = ${stopped}`;
  });

  const chooses = (page: Page) => page.getByRole('button', { name: 'Choose a file' }).waitFor();

  test('choosing and mapping', () =>
    expectGoodPage(dashboard, 'support', '/imports/new', 'import-new', chooses, {
      async open(page) {
        await choose(page, 'people.csv', `${FILE}q3\n`);
        await page.getByRole('heading', { name: 'What each column becomes' }).waitFor();
        await page.getByLabel('The people in this file have asked').check();
        await becomes(page, 'Mail').selectOption('Phone');
        await page.getByText('Several columns become phone').waitFor();
      },
    }));
  test.each<[string, () => string, (page: Page) => Promise<unknown>]>([
    ['import-empty', () => '/imports/new', chooses],
    ['import-result', () => `/imports/${withErrors}`, (page) => page.getByText('"nobody"').first().waitFor()],
    ['import-stopped', () => `/imports/${stopped}`, (page) => page.getByText(/It was stopped/).waitFor()],
    ['imports', () => '/imports', (page) => page.getByText('Check').first().waitFor()],
  ])('%s', (name, at, ready) => expectGoodPage(dashboard, 'marketer', at(), name, ready));
});
