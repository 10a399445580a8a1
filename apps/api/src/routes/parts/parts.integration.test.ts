import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const put = (path: string, body: object, ifMatch?: string | null) =>
  api.request('PUT', `/v1/${path}`, body, ifMatch ? { headers: { 'if-match': ifMatch } } : {});
const get = (path: string) => api.request('GET', `/v1/${path}`);
const remove = (path: string) => api.request('DELETE', `/v1/${path}`);
const email = (content: object) => ({ channels: { email: { en: { subject: 'S', ...content } } } });
const shown = async (key: string, body: object = {}) =>
  (await api.request('POST', `/v1/templates/${key}/preview`, { channel: 'email', ...body })).body.content;

describe('a layout', () => {
  test('is created, looked up, listed, changed with If-Match, and forgotten', async () => {
    const made = await put('layouts/plain', { html: '<p>{{ content }}</p>' });
    expect(made).toMatchObject({
      status: 201,
      body: { key: 'plain', version: 1, html: '<p>{{ content }}</p>' },
    });
    expect((await put('layouts/plain', { html: '<p>{{ content }}</p>' })).body.version).toBe(1);
    const etag = made.headers.get('etag');
    const changed = await put('layouts/plain', { html: '<b>{{ content }}</b>' }, etag);
    expect(changed).toMatchObject({ status: 200, body: { version: 2 } });
    const late = await put('layouts/plain', { html: '<i>{{ content }}</i>' }, etag);
    expect(late).toMatchObject({ status: 409, body: { code: 'conflict', current: { version: 2 } } });
    expect((await get('layouts/plain')).headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await get('layouts')).body.data.map(({ key }: { key: string }) => key)).toContain('plain');
    expect((await get('partials')).body.data).toEqual([]);
    expect((await remove('layouts/plain')).status).toBe(204);
    expect((await remove('layouts/plain')).status).toBe(204);
    expect((await get('layouts/plain')).status).toBe(404);
  });

  test('that changes leaves published versions as they are, and says which have an earlier one', async () => {
    await put('layouts/pinned', { html: '<old>{{ content }}</old>' });
    await put('templates/with_layout', email({ html: 'Hi', text: 'Hi', layout: 'pinned' }));
    expect(await shown('with_layout')).toMatchObject({ html: '<old>Hi</old>' });
    const changed = await put('layouts/pinned', { html: '<new>{{ content }}</new>' });
    expect(changed.body.used_by).toMatchObject({
      templates: [{ key: 'with_layout', version: 1, current: false }],
    });
    expect(await shown('with_layout')).toMatchObject({ html: '<old>Hi</old>' });
    // The draft is as it would be published now.
    expect(await shown('with_layout', { draft: true })).toMatchObject({ html: '<new>Hi</new>' });
    const again = await put('templates/with_layout', email({ html: 'Hi', text: 'Hi', layout: 'pinned' }));
    expect(again.body).toMatchObject({ version: 2, parts: [{ kind: 'layout', key: 'pinned', version: 2 }] });
    expect((await get('layouts/pinned')).body.used_by.templates).toEqual([
      { key: 'with_layout', version: 2, current: true },
    ]);
    const back = await api.request('POST', '/v1/templates/with_layout/rollback', { version: 1 });
    expect(back.body).toMatchObject({ version: 3, parts: [{ version: 1 }] });
    expect(await shown('with_layout')).toMatchObject({ html: '<old>Hi</old>' });
    // What its author wrote comes back as it was written.
    expect((await get('templates/with_layout')).body.channels.email.en).toEqual({
      subject: 'S',
      html: 'Hi',
      text: 'Hi',
      layout: 'pinned',
    });
  });

  test('that is used cannot be deleted; the answer names what uses it', async () => {
    await put('partials/foot', { html: 'foot' });
    await put('layouts/used', { html: '{{ content }}{% render "foot" %}' });
    await put('templates/user', email({ html: 'Hi', layout: 'used' }));
    await api.request('PUT', '/v1/templates/drafted/draft', email({ html: '{% render "foot" %}' }));
    expect(await remove('layouts/used')).toMatchObject({
      status: 409,
      body: { code: 'invalid_state', detail: expect.stringContaining('version 1 of the template "user"') },
    });
    const { body } = await remove('partials/foot');
    expect(body.detail).toMatch(/template "user".*draft of the template "drafted".*layout "used"/);
    expect((await get('partials/foot')).body.used_by).toEqual({
      templates: [{ key: 'user', version: 1, current: true }],
      drafts: ['drafted'],
      layouts: ['used'],
      partials: [],
    });
    await put('templates/user', email({ html: 'Hi' }));
    await put('layouts/used', { html: '{{ content }}' });
    await api.request('DELETE', '/v1/templates/drafted/draft');
    expect((await remove('partials/foot')).status).toBe(204);
  });

  test('keeps its earlier versions with who wrote them, until it is deleted', async () => {
    await put('layouts/kept', { html: '<i>{{ content }}</i>', locales: { de: { text: '{{ content }}' } } });
    const other = await api.key({ scopes: ['templates:*'] });
    await api.request('PUT', '/v1/layouts/kept', { html: '<b>{{ content }}</b>' }, { key: other });
    await put('layouts/kept', { html: '<u>{{ content }}</u>' });
    const first = await get('layouts/kept/versions?limit=2');
    const rest = await get(`layouts/kept/versions?cursor=${first.body.next_cursor}`);
    const listed = [...first.body.data, ...rest.body.data];
    expect(listed.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
    expect(listed[0].created_by).toBe(listed[2].created_by);
    expect(listed[1].created_by).not.toBe(listed[2].created_by);
    const current = (await get('layouts/kept')).body;
    expect(listed[0]).toMatchObject({ created_at: current.updated_at, created_by: current.updated_by });
    expect(rest.body.next_cursor).toBeNull();
    expect((await get('layouts/kept/versions/1')).body).toMatchObject({
      version: 1,
      html: '<i>{{ content }}</i>',
      locales: { de: { text: '{{ content }}' } },
    });
    expect((await get('layouts/kept/versions/3')).body).toMatchObject({ html: '<u>{{ content }}</u>' });
    expect((await get('layouts/kept/versions/4')).body.detail).toContain('no version 4 of the layout "kept"');
    expect((await get('layouts/kept/versions/0')).status).toBe(422);
    expect((await get('partials/kept/versions')).status).toBe(404);
    const elsewhere = { key: await api.key({ scopes: ['templates:*'], environment: 'test' }) };
    expect((await api.request('GET', '/v1/layouts/kept/versions/1', undefined, elsewhere)).status).toBe(404);

    await remove('layouts/kept');
    await put('layouts/kept', { html: '{{ content }}' });
    expect((await get('layouts/kept/versions')).body.data).toMatchObject([{ version: 1 }]);
  });

  test('is previewed before it is stored, around a text and in the draft of a template', async () => {
    const part = { kind: 'layout', key: 'soon', html: '<new>{{ content }}{% render "soon_foot" %}</new>' };
    await put('partials/soon_foot', { html: '<foot>' });
    await put('layouts/soon', { html: '<old>{{ content }}</old>' });
    await put('templates/in_soon', email({ html: 'Hi {{ name | default: "you" }}', layout: 'soon' }));
    expect(await shown('in_soon', { draft: true, part })).toMatchObject({ html: '<new>Hi you<foot></new>' });
    const content = { subject: 'S', html: 'Text', layout: 'soon' };
    expect(await shown('of_nobody', { content, part })).toMatchObject({ html: '<new>Text<foot></new>' });
    // Nothing is stored by it.
    expect(await shown('in_soon', { draft: true })).toMatchObject({ html: '<old>Hi you</old>' });
    const asked = (body: object) =>
      api.request('POST', '/v1/templates/in_soon/preview', { channel: 'email', ...body });
    expect(
      (await asked({ draft: true, part: { ...part, locales: { de: { html: 'x\n{{ content' } } } })).body
        .errors,
    ).toMatchObject([{ path: 'part.locales.de.html', line: 2, column: 1 }]);
    expect((await asked({ part })).body.errors).toMatchObject([{ path: 'part' }]);
    const partial = { kind: 'partial', key: 'not_yet', text: 'from {{ who }}' };
    const sms = { channel: 'sms', content: { text: 'Hi {% render "not_yet" %}' }, data: { who: 'us' } };
    expect(await shown('of_nobody', { ...sms, part: partial })).toEqual({ text: 'Hi from us' });
  });

  test('belongs to its app and environment', async () => {
    await put('layouts/mine', { html: '{{ content }}' });
    expect(await put('templates/mine', email({ html: 'x', layout: 'mine' }))).toMatchObject({ status: 201 });
    const other = await api.key({ scopes: ['templates:*'], environment: 'test' });
    const asOther = { key: other };
    expect((await api.request('GET', '/v1/layouts/mine', undefined, asOther)).status).toBe(404);
    expect(
      (await api.request('PUT', '/v1/templates/mine', email({ html: 'x', layout: 'mine' }), asOther)).body,
    ).toMatchObject({
      code: 'invalid_request',
      errors: [
        { path: 'channels.email.en.layout', message: expect.stringContaining('there is no layout "mine"') },
      ],
    });
  });
});

describe('a partial', () => {
  test('is refused with line and column when it would render itself, through others or not', async () => {
    await put('partials/c1', { text: 'x' });
    await put('partials/c2', { text: '{% render "c1" %}' });
    expect(await put('partials/c1', { text: 'a\n {% render "c2" %}' })).toMatchObject({
      status: 422,
      body: {
        errors: [{ path: 'text', line: 2, column: 2, message: expect.stringContaining('c1 > c2 > c1') }],
      },
    });
    expect((await put('partials/c1', { text: '{% render "none" %}' })).body.errors[0].message).toContain(
      'no partial "none"',
    );
    expect((await put('partials/c1', { text: 'a {% if %}' })).body.errors[0]).toMatchObject({
      path: 'text',
      line: 1,
    });
  });

  test('two changes at once make no cycle together', async () => {
    await put('partials/left', { text: 'l' });
    await put('partials/right', { text: 'r' });
    const both = await Promise.all([
      put('partials/left', { text: '{% render "right" %}' }),
      put('partials/right', { text: '{% render "left" %}' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  test('stands in the texts of every channel', async () => {
    await put('partials/sign', { text: '-- {{ from }}', locales: { de: { text: 'Gruß {{ from }}' } } });
    const made = await put('templates/signed', {
      channels: {
        sms: {
          en: { text: 'Hi {% render "sign", from: "us" %}' },
          de: { text: 'Hallo {% render "sign" %}' },
        },
        push: { en: { title: 'T', body: '{% render "sign" %}' } },
      },
    });
    expect(made.body.required_variables).toEqual(['from']);
    const sms = async (locale: string) =>
      (
        await api.request('POST', '/v1/templates/signed/preview', {
          channel: 'sms',
          locale,
          data: { from: 'Ada' },
        })
      ).body.content;
    expect(await sms('en')).toEqual({ text: 'Hi -- us' });
    expect(await sms('de')).toEqual({ text: 'Hallo Gruß Ada' });
  });
});

describe('an e-mail in MJML', () => {
  const mjml =
    '<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ name }}</mj-text></mj-column></mj-section></mj-body></mjml>';

  test('is compiled when it is published, and its source is kept', async () => {
    const made = await put('templates/mj', email({ mjml }));
    expect(made).toMatchObject({
      status: 201,
      body: { channels: { email: { en: { mjml } } }, warnings: [] },
    });
    const content = await shown('mj', { data: { name: 'Ada' } });
    expect(content.html).toContain('Hi Ada');
    expect(content.text).toBe('Hi Ada');
    expect(content.mjml).toBeUndefined();
    expect((await put('templates/mj', email({ mjml }))).body.version).toBe(1);
  });

  test('stands in a layout in MJML, between its components', async () => {
    await put('layouts/mj', {
      mjml: '<mjml><mj-body>{{ content }}<mj-section><mj-column><mj-text>Ltd</mj-text></mj-column></mj-section></mj-body></mjml>',
    });
    const section = '<mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section>';
    expect((await put('templates/mj_in', email({ mjml: section, layout: 'mj' }))).status).toBe(201);
    expect((await shown('mj_in')).text).toBe('Hi\n\nLtd');
  });

  test('with mistakes is refused with their lines, and stored as a draft that lists them', async () => {
    const bad = '<mjml><mj-body>\n{% for i in l %}<mj-section></mj-section>{% endfor %}\n</mj-body></mjml>';
    expect((await put('templates/mj_bad', email({ mjml: bad }))).body).toMatchObject({
      code: 'invalid_request',
      errors: [
        {
          path: 'channels.email.en.mjml',
          line: 2,
          column: 1,
          message: expect.stringContaining('{% for i in l %}'),
        },
        { line: 2, message: expect.stringContaining('{% endfor %}') },
      ],
    });
    const saved = await api.request('PUT', '/v1/templates/mj_bad/draft', email({ mjml: bad }));
    expect(saved).toMatchObject({
      status: 200,
      body: { problems: [{ line: 2 }, { line: 2 }], channels: { email: { en: { mjml: bad } } } },
    });
    expect(
      (
        await put('layouts/mj_bad', {
          mjml: '<mjml><mj-body>{{ content }}\n<mj-bad></mj-bad></mj-body></mjml>',
        })
      ).body.errors,
    ).toMatchObject([{ path: 'mjml', line: 2 }]);
  });
});

describe('what is published', () => {
  test('warns of variables that the version before did not need, by the last messages', async () => {
    await put('templates/needs_more', { channels: { sms: { en: { text: 'Hi {{ name }}' } } } });
    const send = {
      to: { phone: '+15005550006' },
      channel: 'sms',
      template: 'needs_more',
      data: { name: 'A' },
    };
    await api.request('POST', '/v1/notifications', send);
    const made = await put('templates/needs_more', {
      channels: { sms: { en: { text: 'Hi {{ name }}, {{ order.id }}' } } },
    });
    expect(made.body.warnings).toMatchObject([
      { code: 'new_variable', message: expect.stringMatching(/"order.id".*1 of the last 1 messages/) },
    ]);
    const again = await put('templates/needs_more', {
      channels: { sms: { en: { text: 'Hi {{ name }}, {{ order.id }}' } } },
    });
    expect(again.body.warnings).toEqual([]);
  });

  test('has the engine of now; what was published before keeps its own', async () => {
    await put('templates/engine', { channels: { sms: { en: { text: '{{ t | date: "medium" }}' } } } });
    const preview = async () =>
      (
        await api.request('POST', '/v1/templates/engine/preview', {
          channel: 'sms',
          data: { t: '2026-11-30' },
        })
      ).body.content.text;
    expect(await preview()).toBe('Nov 30, 2026');
    await api.db
      .sql`update template_versions v set engine_version = 1 from templates t where t.id = v.template_id and t.key = 'engine'`;
    await put('templates/engine', { channels: { sms: { en: { text: 'other' } } } });
    await api.request('POST', '/v1/templates/engine/rollback', { version: 1 });
    expect(await preview()).toBe('medium');
  });
});
