import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
  const put = async (path: string, body: object) => {
    const answer = await dashboard.api.request('PUT', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  };
  await put('/v1/templates/order_shipped', {
    channels: {
      email: {
        en: {
          subject: 'Order {{ order }} is on its way',
          text: 'Hi {{ name }}, it left today.',
          html: '<h1>Hi {{ name }}</h1><p>Order <b>{{ order }}</b> left today.</p><img src="x.png">',
        },
        de: { subject: 'Bestellung {{ order }} ist unterwegs', text: 'Hallo {{ name }}!' },
      },
      sms: { en: { text: 'Order {{ order }} is on its way, {{ name }}.' } },
    },
  });
  await put('/v1/categories/offers', {
    delivery_policy: 'resolve',
    unsubscribable: true,
    titles: { en: 'Special offers', de: 'Angebote', ar: 'عروض' },
    descriptions: { en: 'At most two a month.' },
  });
  await put('/v1/recipients/user_42', { email: 'ada@example.com', locale: 'en', time_zone: 'Europe/Berlin' });
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

const scheduled = async () =>
  (await dashboard.api.request('GET', '/v1/notifications?status=scheduled')).body.data;

/** The text of an editor by its label. */
const editor = (page: Page, label: string | RegExp) => page.getByRole('textbox', { name: label });

describe('a marketer', () => {
  test('schedules a message for tomorrow, finds it in the calendar, moves it and cancels it', async () => {
    const { page, complaints } = await dashboard.signIn('marketer', '/compose');
    const began = Date.now();
    await page.getByRole('combobox', { name: 'Template' }).click();
    await page.getByRole('option', { name: 'order_shipped' }).click();
    await page.getByLabel('Recipients').fill('user_42');
    await page.getByLabel('name', { exact: true }).fill('Ada');
    await page.getByLabel('order', { exact: true }).fill('A-17');
    await page.getByText('Later', { exact: true }).click();
    await page.getByRole('button', { name: 'Tomorrow at 9' }).click();
    await page.getByText(/in Europe\/Berlin; .* UTC/).waitFor();
    await page.getByRole('button', { name: 'Check first' }).click();
    await page
      .getByRole('region', { name: 'What would happen' })
      .getByText(/send_at is/)
      .waitFor();
    expect(await scheduled()).toEqual([]);
    await page.getByRole('button', { name: /^Send at .*Europe\/Berlin/ }).click();
    await page.getByRole('heading', { name: '1 of 1 scheduled' }).waitFor();
    expect(Date.now() - began).toBeLessThan(60_000);
    const [made] = await scheduled();
    expect(made).toMatchObject({ template: 'order_shipped', to: { recipient_id: 'user_42' } });
    const at = new Date(made.send_at);
    expect(at.getTime() - Date.now()).toBeGreaterThan(0);

    await page.getByRole('link', { name: 'See what is scheduled' }).click();
    const row = page.getByRole('row', { name: /user_42/ });
    await row.getByRole('button', { name: 'Reschedule' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'In an hour' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reschedule' }).click();
    await page.getByText('It has another time.').waitFor();
    expect(new Date((await scheduled())[0].send_at).getTime()).not.toBe(at.getTime());

    await page.getByText('Month', { exact: true }).click();
    const due = new Date((await scheduled())[0].send_at);
    if (due.getMonth() !== new Date().getMonth())
      await page.getByRole('button', { name: 'The next month' }).click();
    await page.getByRole('button', { name: /^\d+ 1 message/ }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the message' }).click();
    await page.getByText('It is cancelled and will not be sent.').waitFor();
    expect(await scheduled()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('writes a draft with its preview, sees a mistake beside its field, tests it and publishes it', async () => {
    const { page } = await dashboard.signIn('marketer', '/templates');
    await page.getByRole('button', { name: 'New template' }).click();
    await page.getByLabel('Name').fill('welcome');
    await page.getByRole('button', { name: 'Write it' }).click();
    await page.getByRole('button', { name: 'Add a channel or language' }).click();
    await page.getByRole('dialog').getByLabel('Language').fill('en');
    await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
    await editor(page, 'Subject, E-mail in en').fill('Hello {{ name }}');
    await editor(page, 'Plain text, E-mail in en').fill('Hello {{ nofilter | wrong }}');
    await page
      .getByText(/unknown filter "wrong"/)
      .first()
      .waitFor();
    await editor(page, 'Plain text, E-mail in en').fill('Welcome, {{ name }}!');
    await page.getByText('Sample data and recipient').click();
    await page.getByLabel('Sample data', { exact: true }).fill('{ "name": "Ada" }');
    await page.getByText('Hello Ada').waitFor();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft is stored.').waitFor();

    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByLabel(/^Recipients/).fill('me@example.com');
    await page.getByRole('button', { name: 'Send the test' }).click();
    await page.getByRole('link', { name: 'see the message' }).waitFor();
    const [sent] = (await dashboard.api.request('GET', '/v1/notifications?category=template-test')).body.data;
    expect(sent).toMatchObject({ template: null, metadata: { template: 'welcome' } });
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByText('version 1 is published').waitFor();
    const { body } = await dashboard.api.request('GET', '/v1/templates/welcome');
    expect(body.channels).toEqual({
      email: { en: { subject: 'Hello {{ name }}', text: 'Welcome, {{ name }}!' } },
    });
  });

  test('writes an e-mail in MJML in a layout, and sees a mistake with its line', async () => {
    await dashboard.api.request('PUT', '/v1/layouts/house', {
      mjml: '<mjml><mj-body>{{ content }}</mj-body></mjml>',
      html: '<div>{{ content }}</div>',
    });
    await dashboard.api.request('PUT', '/v1/templates/in_mjml/draft', {
      channels: { email: { en: { subject: 'Hello', html: '<p>Hi</p>' } } },
    });
    const { page } = await dashboard.signIn('marketer', '/templates/in_mjml');
    await page.getByRole('combobox', { name: 'Layout' }).click();
    await page.getByRole('option', { name: 'house' }).click();
    await page.getByRole('radiogroup', { name: 'Written in' }).getByText('MJML').click();
    const mjml = editor(page, 'MJML, E-mail in en');
    await mjml.fill('<mj-section>\n<mj-bad></mj-bad>\n</mj-section>');
    await page.getByText(/Line 2, column 1: .*mj-bad/).waitFor();
    await mjml.fill(
      '<mj-section><mj-column><mj-text>Hi {{ name | default: "you" }}</mj-text></mj-column></mj-section>',
    );
    await page.getByRole('tab', { name: 'Plain text' }).click();
    await page.getByText('Hi you').waitFor();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft is stored.').waitFor();
    const { body } = await dashboard.api.request('GET', '/v1/templates/in_mjml/draft');
    expect(body.channels.email.en).toMatchObject({
      layout: 'house',
      mjml: expect.stringContaining('mj-column'),
    });
    expect(body.channels.email.en.html).toBeUndefined();
  });

  test('who edits a template beside another sees the difference, and nothing is overwritten', async () => {
    const at = '/templates/order_shipped?channel=sms';
    const first = (await dashboard.signIn('marketer', at)).page;
    const second = (await dashboard.signIn('developer', at)).page;
    const sms = 'Text, SMS in en';
    await editor(first, sms).fill('From the first: {{ order }} {{ name }}');
    await editor(second, sms).fill('From the second: {{ order }} {{ name }}');
    await first.getByRole('button', { name: 'Save the draft' }).click();
    await first.getByText('The draft is stored.').waitFor();
    await second.getByRole('button', { name: 'Save the draft' }).click();
    const conflict = second.getByRole('alert').filter({ hasText: 'changed this draft meanwhile' });
    await conflict.waitFor();
    await conflict.getByText('From the first').waitFor();
    await conflict.getByText('From the second').waitFor();
    const stored = async () =>
      (await dashboard.api.request('GET', '/v1/templates/order_shipped/draft')).body.channels.sms.en.text;
    expect(await stored()).toContain('From the first');

    // Not before each field is decided.
    await expect
      .poll(() => conflict.getByRole('button', { name: 'Save both together' }).isDisabled())
      .toBe(true);
    await conflict.getByLabel('Mine', { exact: true }).check();
    await conflict.getByRole('button', { name: 'Save both together' }).click();
    await second.getByText('The draft is stored.').waitFor();
    expect(await stored()).toContain('From the second');

    await second.getByRole('button', { name: 'Discard' }).click();
    await second.getByRole('dialog').getByRole('button', { name: 'Discard it' }).click();
    await second.getByText('The draft is gone.').waitFor();
  });

  test('rolls a template back and gives a category a title in another language', async () => {
    await dashboard.api.request('PUT', '/v1/templates/notice', {
      channels: { sms: { en: { text: 'One' } } },
    });
    await dashboard.api.request('PUT', '/v1/templates/notice', {
      channels: { sms: { en: { text: 'Two' } } },
    });
    const { page } = await dashboard.signIn('marketer', '/templates/notice?tab=versions');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish it again' }).click();
    await page.getByText('The texts of version 1 are published.').waitFor();
    expect((await dashboard.api.request('GET', '/v1/templates/notice')).body).toMatchObject({
      version: 3,
      channels: { sms: { en: { text: 'One' } } },
    });

    await page.goto(`${dashboard.url}/categories/offers`);
    await page.getByRole('button', { name: 'Add a language' }).click();
    await page.getByLabel('Language', { exact: true }).last().fill('fr');
    await page.getByLabel('Title', { exact: true }).last().fill('Offres');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('offers is stored.').waitFor();
    expect((await dashboard.api.request('GET', '/v1/categories/offers')).body.titles).toMatchObject({
      en: 'Special offers',
      fr: 'Offres',
    });
    // What the server refuses is shown below its field.
    await page.getByLabel('Locked').check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/mutually exclusive with unsubscribable/).waitFor();
  });
});

describe('a viewer', () => {
  test('reads templates and categories and is offered no change, nor allowed one', async () => {
    const { page } = await dashboard.signIn('viewer', '/templates/order_shipped');
    await editor(page, 'Subject, E-mail in de').or(editor(page, 'Subject, E-mail in en')).waitFor();
    for (const name of ['Save the draft', 'Publish', 'Test', 'Discard', 'Add a channel or language'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    const statuses = await page.evaluate<number[]>(`(async () => {
      const headers = { 'Carillon-App': '${dashboard.appId}', 'Carillon-Environment': 'live', 'Content-Type': 'application/json' };
      const ask = async (method, path, body) =>
        (await fetch('/api' + path, { method, headers, body: JSON.stringify(body) })).status;
      return [
        await ask('PUT', '/v1/templates/order_shipped/draft', { channels: { sms: { en: { text: 'x' } } } }),
        await ask('POST', '/v1/templates/order_shipped/test', { recipients: [{ email: 'a@example.com' }] }),
        await ask('PUT', '/v1/categories/offers', { delivery_policy: 'ask' }),
      ];
    })()`);
    expect(statuses).toEqual([403, 403, 403]);
  });
});

describe('the pages of marketers are good in both schemes and widths', () => {
  beforeAll(async () => {
    await dashboard.api.request('PUT', '/v1/templates/order_shipped/draft', {
      channels: {
        email: {
          en: {
            subject: 'Order {{ order }} is on its way',
            html: '<h1>Hi {{ name }}</h1>\n<p>Order <b>{{ order }}</b> left today. <a href="#">Follow it</a></p>',
          },
        },
        sms: { en: { text: 'Order {{ order }} left, {{ name }}.' } },
      },
    });
    for (const hours of [30, 31, 80])
      await dashboard.api.request('POST', '/v1/notifications', {
        to: { recipient_id: 'user_42' },
        channel: 'email',
        content: { subject: 'S', text: 'T' },
        category: 'offers',
        send_at: new Date(Date.now() + hours * 3_600_000).toISOString(),
      });
  });

  test.each<[name: string, at: string, ready: (page: Page) => Promise<unknown>]>([
    ['templates', '/templates', (page) => page.getByRole('link', { name: 'order_shipped' }).waitFor()],
    [
      'template-texts',
      '/templates/order_shipped?channel=sms',
      async (page) => {
        await editor(page, 'Text, SMS in en').waitFor();
        await page.getByText('Segments').waitFor();
      },
    ],
    [
      'template-email',
      '/templates/order_shipped?channel=email',
      async (page) => {
        await editor(page, 'HTML, E-mail in en').waitFor();
        await page.getByText(/a link that leads nowhere/).waitFor();
      },
    ],
    [
      'template-versions',
      '/templates/order_shipped?tab=versions',
      (page) => editor(page, 'SMS, en, text').waitFor(),
    ],
    ['compose', '/compose?template=order_shipped', (page) => page.getByLabel('Recipients').waitFor()],
    ['scheduled-list', '/calendar', (page) => page.getByText('user_42').first().waitFor()],
    ['scheduled-month', '/calendar?view=month', (page) => page.getByRole('table').waitFor()],
    ['categories', '/categories', (page) => page.getByText('Special offers').first().waitFor()],
    ['category', '/categories/offers', (page) => page.getByLabel('Locked').waitFor()],
  ])('%s', (name, at, ready) => expectGoodPage(dashboard, 'marketer', at, name, ready));
});
