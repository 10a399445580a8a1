import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard.stop());

const put = async (path: string, body: object) => {
  const answer = await dashboard.api.request('PUT', `/v1/${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};
const get = async (path: string) => (await dashboard.api.request('GET', `/v1/${path}`)).body;
const email = (content: object) => ({ channels: { email: { en: { subject: 'S', ...content } } } });
/** What a template sends. */
const html = async (key: string) =>
  (await dashboard.api.request('POST', `/v1/templates/${key}/preview`, { channel: 'email' })).body.content
    .html;

/** The text of an editor by its label. */
const editor = (page: Page, label: string) => page.getByRole('textbox', { name: label });
const publish = async (page: Page) => {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
};
const mail = (page: Page) => page.frameLocator('iframe[title="The e-mail"]');

describe('a marketer', () => {
  test('writes a layout, sees it around a sample text and a mistake at its line, and publishes it', async () => {
    const { page, complaints } = await dashboard.signIn('marketer', '/layouts');
    await page.getByRole('button', { name: 'New layout or partial' }).click();
    await page.getByLabel('Name').fill('fresh');
    await page.getByRole('button', { name: 'Write it' }).click();
    await page.getByText('never published').waitFor();
    const field = editor(page, 'HTML, all languages');
    await field.fill('<main>\n{{ content }} {{ company }} {{ content }}\n</main>');
    await page.getByText(/Line 2, column 29: .*a second time/).waitFor();
    complaints.length = 0;
    await field.fill('<main>{{ content }}<b>{{ company }}</b></main>');
    await page.getByRole('button', { name: 'Add company to the sample data' }).click();
    await mail(page).getByText('Here stands the text of an e-mail').waitFor();
    await mail(page).getByText('company', { exact: true }).waitFor();
    await publish(page);
    await page.getByText('version 1 is published').waitFor();
    expect(await get('layouts/fresh')).toMatchObject({
      version: 1,
      html: '<main>{{ content }}<b>{{ company }}</b></main>',
      updated_by: 'staff:marketer@example.com',
    });
    await page.getByRole('link', { name: 'Layouts and partials' }).first().click();
    const row = page.getByRole('table', { name: 'Layouts' }).getByRole('row', { name: /fresh/ });
    await row.getByText('marketer@example.com').waitFor();
    await row.getByText('nothing').waitFor();
  });

  test('writes a partial in another language, and sees it between the components of MJML', async () => {
    await put('partials/words', { html: '<p>Bye</p>', mjml: '<mj-text>Bye</mj-text>', text: 'Bye' });
    const { page } = await dashboard.signIn('marketer', '/partials/words');
    await mail(page).getByText('Bye').waitFor();
    await page.getByRole('button', { name: 'Add a language' }).click();
    await page.getByRole('dialog').getByLabel('Language').fill('de');
    await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
    await editor(page, 'MJML, de').fill('<mj-text>Bis bald</mj-text>');
    await editor(page, 'HTML, de').fill('');
    await page.getByRole('radiogroup', { name: 'Text to preview' }).getByText('MJML').click();
    await mail(page).getByText('Bis bald').waitFor();
    await publish(page);
    await page.getByText('version 2 is published').waitFor();
    expect(await get('partials/words')).toMatchObject({
      html: '<p>Bye</p>',
      locales: { de: { mjml: '<mj-text>Bis bald</mj-text>', text: 'Bye' } },
    });
    expect((await get('partials/words')).locales.de.html).toBeUndefined();
  });

  test('sees before publishing which templates keep the earlier text, and publishes them again', async () => {
    await put('layouts/house', { html: '<old>{{ content }}</old>' });
    for (const key of ['welcome', 'goodbye', 'hello'])
      await put(`templates/${key}`, email({ html: key, layout: 'house' }));
    await put('templates/hello/draft', email({ html: 'draft of hello', layout: 'house' }));
    const { page } = await dashboard.signIn('marketer', '/layouts/house');
    await page.getByRole('combobox', { name: 'Show it in' }).click();
    await page.getByRole('option', { name: 'welcome' }).click();
    await editor(page, 'HTML, all languages').fill('<new>{{ content }}, bye</new>');
    await mail(page).getByText('welcome, bye').waitFor();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 published templates have this layout').waitFor();
    await dialog.getByText(/keep the version that they were published with/).waitFor();
    expect(await dialog.getByRole('link', { name: 'goodbye' }).getAttribute('href')).toContain(
      '/templates/goodbye',
    );
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('version 2 is published').waitFor();
    expect(await html('welcome')).toBe('<old>welcome</old>');

    await page.getByRole('tab', { name: 'Used by 4' }).click();
    await page.getByRole('button', { name: 'Publish welcome again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish it again' }).click();
    await page.getByText('welcome is published again.').waitFor();
    await page
      .getByRole('row', { name: /welcome/ })
      .getByText('as it is now')
      .waitFor();
    expect(await html('welcome')).toBe('<new>welcome, bye</new>');
    expect(await html('goodbye')).toBe('<old>goodbye</old>');
    await page.getByRole('button', { name: 'Publish all 2 again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish them again' }).click();
    await page.getByText('2 templates are published again.').waitFor();
    expect(await html('hello')).toBe('<new>hello, bye</new>');
    expect((await get('layouts/house')).used_by.templates).toEqual(
      ['goodbye', 'hello', 'welcome'].map((key) => ({ key, version: 2, current: true })),
    );
    // The draft was not published by it.
    expect((await get('templates/hello/draft')).channels.email.en.html).toBe('draft of hello');
  });

  test('sees in the editor of a template that its layout has changed, and publishes it again there', async () => {
    await put('layouts/frame', { html: '<old>{{ content }}</old>' });
    await put('templates/framed', email({ html: 'framed', layout: 'frame' }));
    const { page } = await dashboard.signIn('marketer', '/templates/framed');
    await editor(page, 'HTML, E-mail in en').waitFor();
    const notice = page.getByRole('alert').filter({ hasText: 'frame changed since this was published' });
    expect(await notice.count()).toBe(0);
    await put('layouts/frame', { html: '<new>{{ content }}</new>' });
    await page.reload();
    await notice.waitFor();
    await editor(page, 'HTML, E-mail in en').fill('not saved');
    await notice.getByRole('button').waitFor({ state: 'detached' });
    await page.reload();
    await notice.getByRole('button', { name: 'Publish again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish it again' }).click();
    await notice.waitFor({ state: 'detached' });
    expect(await html('framed')).toBe('<new>framed</new>');
  });

  test('who changes a layout beside another sees both, and nothing is overwritten', async () => {
    await put('layouts/both', { html: '{{ content }}', text: '{{ content }}' });
    const first = (await dashboard.signIn('marketer', '/layouts/both')).page;
    const second = (await dashboard.signIn('developer', '/layouts/both')).page;
    await editor(first, 'HTML, all languages').fill('<first>{{ content }}');
    await editor(second, 'HTML, all languages').fill('<second>{{ content }}');
    await editor(second, 'Plain text, all languages').fill('{{ content }} second');
    await publish(first);
    await first.getByText('version 2 is published').waitFor();
    await publish(second);
    const conflict = second
      .getByRole('alert')
      .filter({ hasText: 'marketer@example.com changed this layout' });
    await conflict.getByText('<first>{{ content }}').waitFor();
    expect(await get('layouts/both')).toMatchObject({ version: 2, html: '<first>{{ content }}' });
    await conflict.getByLabel('Of marketer@example.com', { exact: true }).check();
    await conflict.getByRole('button', { name: 'Publish both together' }).click();
    await second.getByText('version 3 is published').waitFor();
    expect(await get('layouts/both')).toMatchObject({
      html: '<first>{{ content }}',
      text: '{{ content }} second',
      updated_by: 'staff:developer@example.com',
    });
  });

  test('sees what two versions differ in, and rolls one back', async () => {
    for (const text of ['One', 'Two', 'Three']) await put('partials/steps', { text });
    const { page } = await dashboard.signIn('marketer', '/partials/steps?tab=versions');
    const changes = page.getByRole('region', { name: 'Difference' });
    await changes.getByText('Three').waitFor();
    await changes.getByText('Two').waitFor();
    await changes.getByRole('combobox', { name: 'From' }).click();
    await page.getByRole('option', { name: 'Version 1' }).click();
    await changes.getByText('One').waitFor();
    const row = page.getByRole('table', { name: 'Versions' }).getByRole('row', { name: /^1/ });
    await row.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish it again' }).click();
    await page.getByText('The texts of version 1 are published.').waitFor();
    await page.getByText('4, published').waitFor();
    expect(await get('partials/steps')).toMatchObject({ version: 4, text: 'One' });
  });

  test('deletes a partial that nothing uses, and none that something uses', async () => {
    await put('partials/kept', { html: 'kept' });
    await put('layouts/keeps', { html: '{{ content }}{% render "kept" %}' });
    await put('partials/gone', { html: 'gone' });
    const { page } = await dashboard.signIn('marketer', '/partials/kept?tab=used');
    await page.getByRole('link', { name: 'keeps' }).waitFor();
    expect(await page.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);

    await page.goto(`${dashboard.url}/partials/gone`);
    await page.getByRole('button', { name: 'Delete' }).click();
    // Something began to use it after the page was opened: the server refuses, and says what.
    await put('templates/late', email({ html: '{% render "gone" %}' }));
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await page
      .getByRole('dialog')
      .getByText(/used by version 1 of the template "late"/)
      .waitFor();
    await put('templates/late', email({ html: 'x' }));
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The partial gone is deleted.').waitFor();
    expect((await dashboard.api.request('GET', '/v1/partials/gone')).status).toBe(404);
  });

  test('chooses a layout in the editor of a template and puts a partial in at the cursor', async () => {
    await put('layouts/frame', { html: '<frame>{{ content }}</frame>' });
    await put('partials/button', { html: '<button>Go</button>' });
    await put('partials/only_text', { text: 'Go' });
    await put('templates/with_parts/draft', email({ html: 'before after' }));
    const { page } = await dashboard.signIn('marketer', '/templates/with_parts');
    await page.getByRole('combobox', { name: 'Layout' }).click();
    await page.getByRole('option', { name: 'frame' }).click();
    const field = editor(page, 'HTML, E-mail in en');
    await field.click();
    await page.keyboard.press('Control+Home');
    for (let n = 0; n < 'before '.length; n += 1) await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Insert a partial into HTML' }).click();
    expect(await page.getByRole('menuitem', { name: 'only_text' }).count()).toBe(0);
    await page.getByRole('menuitem', { name: 'button' }).click();
    await page.keyboard.type('!');
    await mail(page).getByRole('button', { name: 'Go' }).waitFor();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft is stored.').waitFor();
    expect((await get('templates/with_parts/draft')).channels.email.en).toMatchObject({
      layout: 'frame',
      html: 'before {% render "button" %}!after',
    });
  });
});

describe('a viewer', () => {
  test('reads layouts and partials, and is offered no change, nor allowed one', async () => {
    await put('layouts/read', { html: '{{ content }}' });
    const { page } = await dashboard.signIn('viewer', '/layouts/read');
    await editor(page, 'HTML, all languages').waitFor();
    await mail(page).getByText('Here stands').waitFor();
    for (const name of ['Publish', 'Delete', 'Add a language', 'New layout or partial'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    const status = await page.evaluate<number>(`(async () => {
      const headers = { 'Carillon-App': '${dashboard.appId}', 'Carillon-Environment': 'live', 'Content-Type': 'application/json' };
      return (await fetch('/api/v1/layouts/read', { method: 'PUT', headers, body: '{"html": "{{ content }}!"}' })).status;
    })()`);
    expect(status).toBe(403);
  });
});

describe('these pages are good in both schemes and widths', () => {
  beforeAll(async () => {
    const section =
      '<mj-section>\n  <mj-column>\n    <mj-text>Hi {{ name | default: "you" }}, it left <a href="https://example.com">today</a>.</mj-text>\n  </mj-column>\n</mj-section>';
    await put('partials/footer', {
      html: '<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
      text: '{{ unsubscribe_url }}',
      locales: { de: { html: '<p><a href="{{ unsubscribe_url }}">Abmelden</a></p>' } },
    });
    const layout = (title: string) => ({
      html: `<html>\n<body>\n<h1>${title}</h1>\n{{ content }}\n{% render "footer" %}\n</body>\n</html>`,
      mjml: `<mjml>\n<mj-body>\n{{ content }}\n</mj-body>\n</mjml>`,
      text: '{{ content }}\n-- \nExample Ltd',
    });
    await put('layouts/base', layout('Example'));
    await put('templates/order', email({ html: '<p>Your order</p>', layout: 'base' }));
    await put('templates/receipt', email({ html: '<p>Your receipt</p>', layout: 'base' }));
    await put('layouts/base', layout('Example Ltd'));
    await put('templates/receipt', email({ html: '<p>Your receipt</p>', layout: 'base' }));
    await put('templates/in_mjml/draft', email({ mjml: section, layout: 'base' }));
  });

  test.each<[name: string, at: string, ready: (page: Page) => Promise<unknown>]>([
    ['layouts', '/layouts', (page) => page.getByRole('link', { name: 'base' }).waitFor()],
    [
      'layout-texts',
      '/layouts/base',
      async (page) => {
        await editor(page, 'HTML, all languages').waitFor();
        await mail(page).getByText('Example Ltd').waitFor();
      },
    ],
    [
      'layout-mistake',
      '/layouts/broken',
      async (page) => {
        const field = editor(page, 'HTML, all languages');
        if (!((await field.textContent()) ?? '').includes('wrong')) {
          await field.click();
          // By fill() the browser sets inline styles, which the page's policy blocks.
          await page.keyboard.insertText('<p>\n{{ content | wrong }}</p>');
        }
        await page
          .getByText(/Line 2, column \d+: /)
          .first()
          .waitFor();
      },
    ],
    ['layout-used-by', '/layouts/base?tab=used', (page) => page.getByText('an earlier text').waitFor()],
    [
      'layout-versions',
      '/layouts/base?tab=versions',
      (page) => editor(page, 'HTML, all languages').waitFor(),
    ],
    [
      'partial-texts',
      '/partials/footer?locale=de',
      async (page) => {
        await editor(page, 'HTML, de').waitFor();
        await mail(page).getByText('Abmelden').waitFor();
      },
    ],
    ['template-mjml', '/templates/in_mjml', editsMjml],
  ])('%s', (name, at, ready) =>
    // A mistake in a text is answered 422, which the browser notes.
    expectGoodPage(dashboard, 'marketer', at, name, ready, {
      narrow: true,
      ...(name === 'layout-mistake' && { refusals: true }),
    }),
  );

  test('the question before publishing, which names templates', async () => {
    await expectGoodPage(
      dashboard,
      'marketer',
      '/layouts/base',
      'layout-publish',
      (page) => editor(page, 'Plain text, all languages').waitFor(),
      {
        narrow: true,
        async open(page) {
          await editor(page, 'Plain text, all languages').fill('{{ content }} end');
          await page.getByRole('button', { name: 'Publish', exact: true }).click();
          await page.getByRole('dialog').getByText('2 published templates have').waitFor();
        },
      },
    );
  });

  test('the menu of partials in the editor of a template in MJML', async () => {
    await expectGoodPage(dashboard, 'marketer', '/templates/in_mjml', 'template-insert', editsMjml, {
      narrow: true,
      async open(page) {
        await page.getByRole('button', { name: 'Insert a partial into MJML' }).click();
        await page.getByRole('menuitem', { name: 'footer' }).waitFor();
      },
    });
  });
});

/** The editor of `in_mjml`, with everything that arrives after the page. */
async function editsMjml(page: Page): Promise<void> {
  await editor(page, 'MJML, E-mail in en').waitFor();
  await page.getByRole('combobox', { name: 'Layout' }).waitFor();
  await page.getByRole('button', { name: 'Insert a partial into MJML' }).waitFor();
  await mail(page).getByText('Hi you').waitFor();
}
