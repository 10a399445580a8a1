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

const sms = (text: string) => ({ sms: { en: { text } } });
const at = (key: string, rest = '') => `/v1/templates/${key}${rest}`;
const publishNow = (key: string, channels: object) => api.request('PUT', at(key), { channels });
const save = (key: string, channels: object, ifMatch?: string | null) =>
  api.request('PUT', at(key, '/draft'), { channels }, ifMatch ? { headers: { 'if-match': ifMatch } } : {});
const draft = (key: string) => api.request('GET', at(key, '/draft'));
const publish = (key: string, ifMatch?: string | null) =>
  api.request('POST', at(key, '/publish'), undefined, ifMatch ? { headers: { 'if-match': ifMatch } } : {});
const audited = async (key: string) =>
  (
    await api.db.sql<{ action: string }[]>`
      select action from audit_log where subject = ${`template:${key}`} order by id`
  ).map(({ action }) => action);

describe('a draft', () => {
  test('of a template that exists begins with the published texts, and changes nothing that is sent', async () => {
    await publishNow('begun', sms('One'));
    const before = await draft('begun');
    expect(before.body).toMatchObject({
      saved: false,
      based_on: 1,
      published_version: 1,
      channels: sms('One'),
      updated_by: null,
    });
    const stored = await save('begun', sms('Two'), before.headers.get('etag'));
    expect(stored.status).toBe(200);
    expect(stored.body).toMatchObject({
      saved: true,
      based_on: 1,
      channels: sms('Two'),
      updated_by: expect.stringMatching(/^key:/),
    });
    expect((await api.request('GET', at('begun'))).body).toMatchObject({ version: 1, channels: sms('One') });
    expect((await draft('begun')).headers.get('etag')).toBe(stored.headers.get('etag'));
  });

  test('of a new template is listed only with drafts=true and cannot be sent', async () => {
    expect((await draft('new')).status).toBe(404);
    expect((await save('new', sms('First'))).body).toMatchObject({ published_version: 0, based_on: 0 });
    expect((await api.request('GET', at('new'))).status).toBe(404);
    const keys = async (query: string) =>
      (await api.request('GET', `/v1/templates?limit=200${query}`)).body.data.map(
        (each: { key: string }) => each.key,
      );
    expect(await keys('')).not.toContain('new');
    expect(await keys('&drafts=true')).toContain('new');
    const listed = (await api.request('GET', '/v1/templates?limit=200&drafts=true')).body.data.find(
      (each: { key: string }) => each.key === 'new',
    );
    expect(listed).toMatchObject({
      version: 0,
      channels: { sms: ['en'] },
      draft: { updated_by: expect.any(String) },
    });
    const send = await api.request('POST', '/v1/notifications', {
      to: { phone: '+14155550100' },
      channel: 'sms',
      template: 'new',
      data: {},
    });
    expect(send.body.code).toBe('unknown_template');
  });

  test('may have mistakes, which are listed with their places and prevent publishing', async () => {
    const stored = await save('wrong', sms('a\n{% if b %}c'));
    expect(stored.status).toBe(200);
    expect(stored.body.problems).toMatchObject([{ path: 'channels.sms.en.text', line: 2, column: 1 }]);
    const refused = await publish('wrong');
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0]).toMatchObject({ path: 'channels.sms.en.text', line: 2 });
    expect((await save('wrong', sms('{% if b %}c{% endif %}'))).body.problems).toEqual([]);
    expect((await publish('wrong')).status).toBe(201);
  });

  test('comes with warnings, which prevent nothing', async () => {
    const stored = await save('warned', {
      email: {
        en: { subject: 'S {{ name }}', html: '<img src="a.png">' },
        de: { subject: 'S {{ nmae }}', text: 'T' },
      },
    });
    expect(stored.body.warnings.map(({ code }: { code: string }) => code).sort()).toEqual([
      'differs_by_locale',
      'differs_by_locale',
      'image_without_alt',
      'no_plain_text',
    ]);
    expect(stored.body.required_variables).toEqual(['name', 'nmae']);
    expect((await publish('warned')).status).toBe(201);
  });

  test('with an unknown field, no channel or no locale is refused', async () => {
    for (const channels of [{}, { sms: {} }, { sms: { en: { txt: 'x' } } }, { fax: { en: { text: 'x' } } }])
      expect((await save('refused', channels)).status).toBe(422);
    expect((await draft('refused')).status).toBe(404);
  });

  test('that is discarded leaves the published version; a template that never was one is gone', async () => {
    await publishNow('kept', sms('One'));
    await save('kept', sms('Two'));
    expect((await api.request('DELETE', at('kept', '/draft'))).status).toBe(204);
    expect((await draft('kept')).body).toMatchObject({ saved: false, channels: sms('One') });
    await save('gone', sms('One'));
    expect((await api.request('DELETE', at('gone', '/draft'))).status).toBe(204);
    expect((await api.request('DELETE', at('gone', '/draft'))).status).toBe(204);
    expect((await draft('gone')).status).toBe(404);
    expect(await audited('gone')).toEqual(['template.draft', 'template.discard_draft']);
  });
});

describe('two people who edit the same template', () => {
  test('the second gets what the first wrote, and overwrites nothing', async () => {
    await publishNow('both', sms('One'));
    const tag = (await draft('both')).headers.get('etag');
    const first = await save('both', sms('First'), tag);
    expect(first.status).toBe(200);
    const second = await save('both', sms('Second'), tag);
    expect([second.status, second.body.code]).toEqual([409, 'conflict']);
    expect(second.body.current).toMatchObject({ saved: true, channels: sms('First') });
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect((await draft('both')).body.channels).toEqual(sms('First'));
    // Having seen the difference, the second goes on from there.
    expect((await save('both', sms('Both'), second.headers.get('etag'))).status).toBe(200);
    expect(await audited('both')).toEqual(['template.publish', 'template.draft', 'template.draft']);
  });

  test('a save that is repeated because its answer was lost is no conflict', async () => {
    await publishNow('again', sms('One'));
    const tag = (await draft('again')).headers.get('etag');
    expect((await save('again', sms('Two'), tag)).status).toBe(200);
    expect((await save('again', sms('Two'), tag)).status).toBe(200);
    expect(await audited('again')).toEqual(['template.publish', 'template.draft']);
  });

  test('at the same moment, exactly one of them is stored', async () => {
    await publishNow('race', sms('One'));
    const tag = (await draft('race')).headers.get('etag');
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => save('race', sms(`By ${n}`), tag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  test('a version published meanwhile is a conflict too', async () => {
    await publishNow('overtaken', sms('One'));
    const tag = (await draft('overtaken')).headers.get('etag');
    await publishNow('overtaken', sms('Two'));
    expect((await save('overtaken', sms('Mine'), tag)).body).toMatchObject({
      code: 'conflict',
      current: { published_version: 2, channels: sms('Two') },
    });
  });

  test('publishing names the draft that was read, and PUT the version', async () => {
    await publishNow('named', sms('One'));
    const read = await save('named', sms('Two'));
    await save('named', sms('Three'));
    expect((await publish('named', read.headers.get('etag'))).body.code).toBe('conflict');
    const version = await api.request('GET', at('named'));
    await publish('named');
    const late = await api.request(
      'PUT',
      at('named'),
      { channels: sms('Late') },
      { headers: { 'if-match': version.headers.get('etag')! } },
    );
    expect(late.body).toMatchObject({ code: 'conflict', current: { version: 2, channels: sms('Three') } });
  });

  test('a header that is no tag is refused', async () => {
    const answer = await save('both', sms('x'), 'latest');
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'If-Match']);
  });
});

describe('publishing', () => {
  test('makes a version of the draft and removes it; without one it is refused', async () => {
    await publishNow('done', sms('One'));
    expect((await publish('done')).body.code).toBe('invalid_state');
    await save('done', sms('Two'));
    const published = await publish('done');
    expect([published.status, published.body]).toMatchObject([200, { version: 2, channels: sms('Two') }]);
    expect((await draft('done')).body).toMatchObject({ saved: false, based_on: 2 });
    expect((await publish('none-such')).status).toBe(404);
  });

  test('a draft that says what is published already makes no version', async () => {
    await publishNow('equal', sms('One'));
    await save('equal', sms('One'));
    expect((await publish('equal')).body.version).toBe(1);
    expect((await draft('equal')).body.saved).toBe(false);
  });
});

describe('versions', () => {
  test('are listed newest first, page by page, with who made them', async () => {
    for (const text of ['One', 'Two', 'Three']) await publishNow('listed', sms(text));
    const page = await api.request('GET', at('listed', '/versions?limit=2'));
    expect(page.body.data).toMatchObject([
      { version: 3, published: true, channels: { sms: ['en'] }, restored_from: null },
      { version: 2, published: false, created_by: expect.stringMatching(/^key:/) },
    ]);
    const rest = await api.request('GET', at('listed', `/versions?limit=2&cursor=${page.body.next_cursor}`));
    expect(rest.body).toMatchObject({ data: [{ version: 1 }], next_cursor: null });
    expect((await api.request('GET', at('none-such', '/versions'))).status).toBe(404);
  });

  test('an earlier one comes back as a new version that renders as it did', async () => {
    const preview = (version?: number) =>
      api.request('POST', at('back', '/preview'), {
        channel: 'sms',
        data: { n: 2 },
        ...(version && { version }),
      });
    await publishNow('back', sms('One {{ n }}'));
    const before = (await preview()).body.content;
    await publishNow('back', sms('Two {{ n }}'));
    const back = await api.request('POST', at('back', '/rollback'), { version: 1 });
    expect([back.status, back.body]).toMatchObject([200, { version: 3, channels: sms('One {{ n }}') }]);
    expect((await preview()).body.content).toEqual(before);
    expect((await preview(2)).body.content).toEqual({ text: 'Two 2' });
    expect((await api.request('GET', at('back', '/versions'))).body.data[0]).toMatchObject({
      restored_from: 1,
    });
    expect(await audited('back')).toEqual(['template.publish', 'template.publish', 'template.rollback']);
    // What is published already is not published again.
    expect((await api.request('POST', at('back', '/rollback'), { version: 3 })).body.version).toBe(3);
    expect((await api.request('POST', at('back', '/rollback'), { version: 9 })).status).toBe(404);
  });

  test('a text that newer rules refuse comes back all the same', async () => {
    await publishNow('older', sms('One'));
    await api.db.sql`
      update template_versions set content = '{"text": "a {{ b | upcase: 1 }}"}', required_variables = '{b}'
      where template_id = (select id from templates where key = 'older')`;
    await publishNow('older', sms('Two'));
    expect((await api.request('POST', at('older', '/rollback'), { version: 1 })).body).toMatchObject({
      version: 3,
      required_variables: ['b'],
    });
    const shown = await api.request('POST', at('older', '/preview'), { channel: 'sms', data: { b: 'x' } });
    expect(shown.body).toMatchObject({ content: { text: 'a X' } });
  });
});

describe('the difference', () => {
  test('of two versions, and of the draft, is listed by channel, locale and field', async () => {
    await publishNow('differs', { email: { en: { subject: 'A', text: 'T' } } });
    await publishNow('differs', { email: { en: { subject: 'B', text: 'T' } } });
    const diff = (query: string) => api.request('GET', at('differs', `/diff${query}`));
    const subject = { channel: 'email', locale: 'en', field: 'subject', change: 'changed' };
    expect((await diff('?from=1&to=2')).body).toEqual({
      key: 'differs',
      from: 1,
      to: 2,
      changes: [{ ...subject, before: 'A', after: 'B' }],
    });
    expect((await diff('')).body).toMatchObject({ from: 2, to: 2, changes: [] });
    await save('differs', { ...sms('S'), email: { en: { subject: 'C', text: 'T' } } });
    expect((await diff('')).body).toMatchObject({
      from: 2,
      to: 'draft',
      changes: [
        { ...subject, before: 'B', after: 'C' },
        { channel: 'sms', change: 'added', before: null },
      ],
    });
    expect((await diff('?from=7')).status).toBe(404);
    expect((await diff('?from=latest')).status).toBe(422);
  });

  test('of a template that was never published is all of it', async () => {
    await save('fresh', sms('S'));
    expect((await api.request('GET', at('fresh', '/diff'))).body).toMatchObject({
      from: 0,
      to: 'draft',
      changes: [{ channel: 'sms', change: 'added', after: 'S' }],
    });
  });
});

describe('the preview', () => {
  const preview = (key: string, body: object) => api.request('POST', at(key, '/preview'), body);

  test('renders a draft, and texts that are not stored at all', async () => {
    await publishNow('seen', sms('One {{ n }}'));
    await save('seen', sms('Draft {{ n }}'));
    const data = { n: 7 };
    expect((await preview('seen', { channel: 'sms', data, draft: true })).body).toMatchObject({
      version: null,
      content: { text: 'Draft 7' },
    });
    expect((await preview('seen', { channel: 'sms', data })).body).toMatchObject({
      version: 1,
      content: { text: 'One 7' },
    });
    expect(
      (await preview('unborn', { channel: 'sms', data, content: { text: '{{ n }}!' } })).body,
    ).toMatchObject({
      version: null,
      content: { text: '7!' },
    });
  });

  test('names the place of a mistake in a text that is being written', async () => {
    const answer = await preview('unborn', { channel: 'sms', content: { text: 'a\nb {{ c | nofilter }}' } });
    expect([answer.status, answer.body.errors[0]]).toMatchObject([
      422,
      { path: 'content.text', line: 2, column: 3 },
    ]);
    const wrong = await preview('unborn', { channel: 'sms', content: { subject: 'S', text: 'T' } });
    expect(wrong.body.errors[0]).toMatchObject({ path: 'content.subject' });
  });

  test('warns of what the data does not have, of size and of a missing way out', async () => {
    await api.request('PUT', '/v1/categories/offers', { delivery_policy: 'resolve', unsubscribable: true });
    const content = {
      subject: 'S',
      text: 'T',
      html: '<p>{% if vip %}Hello{% endif %}</p>{% for n in (1..3000) %}0123456789012345678901234567890123456789{% endfor %}',
    };
    const answer = await preview('unborn', { channel: 'email', content, category: 'offers' });
    expect(answer.body.warnings.map(({ code }: { code: string }) => code)).toEqual([
      'clipped',
      'unknown_variable',
      'no_unsubscribe_link',
    ]);
    expect(answer.body.html_bytes).toBeGreaterThan(110_000);
    const link = { ...content, html: '<a href="{{ unsubscribe_url }}">out</a>' };
    const calm = await preview('unborn', { channel: 'email', content: link, category: 'offers' });
    expect(calm.body.warnings).toEqual([]);
    expect(calm.body.content.html).toContain('/v1/unsubscribe/preview');
  });

  test('uses locale and zone of a recipient', async () => {
    await api.request('PUT', '/v1/recipients/gi', { locale: 'de-AT', time_zone: 'Asia/Tokyo' });
    await publishNow('personal', {
      sms: { en: { text: 'At {{ t | date: "%H" }}' }, de: { text: 'Um {{ t | date: "%H" }}' } },
    });
    const data = { t: '2026-11-29T00:00:00Z' };
    const answer = await preview('personal', { channel: 'sms', data, recipient_id: 'gi' });
    expect(answer.body).toMatchObject({ locale: 'de', content: { text: 'Um 09' } });
    const nobody = await preview('personal', { channel: 'sms', data, recipient_id: 'nobody' });
    expect(nobody.body.code).toBe('unknown_recipient');
  });

  test('has one source', async () => {
    const answer = await preview('seen', { channel: 'sms', version: 1, draft: true });
    expect(answer.body.errors[0]).toMatchObject({ path: 'draft' });
  });
});

describe('a test', () => {
  const send = (key: string, body: object, idempotencyKey?: string) =>
    api.request(
      'POST',
      at(key, '/test'),
      body,
      idempotencyKey ? { headers: { 'idempotency-key': idempotencyKey } } : {},
    );
  const stored = async (id: string) =>
    (
      await api.db.sql`
        select channel, content, template_id, category, metadata, expires_at is not null as expires
        from (select *, options -> 'metadata' as metadata from notifications) n where id = ${id}`
    )[0];

  test('sends the draft, rendered and marked, and counts for no template', async () => {
    await publishNow('tried', sms('One'));
    await save('tried', {
      email: { en: { subject: 'Hi {{ name }}', text: 'T' } },
      ...sms('Draft {{ name }}'),
    });
    await api.request('PUT', '/v1/recipients/ada', { phone: '+14155550100' });
    const answer = await send('tried', {
      recipients: [
        { email: 'me@example.com' },
        { recipient_id: 'ada' },
        { recipient_id: 'nobody' },
        { email: 'x' },
      ].slice(0, 3),
      draft: true,
      data: { name: 'Ada' },
    });
    expect(answer.status).toBe(207);
    expect(answer.body.results).toMatchObject([
      { index: 0, status: 202 },
      { index: 1, status: 202 },
      { index: 2, status: 422, error: { code: 'unknown_recipient' } },
    ]);
    expect(await stored(answer.body.results[0].id)).toMatchObject({
      channel: 'email',
      content: { subject: '[TEST] Hi Ada', text: 'T' },
      template_id: null,
      category: 'template-test',
      metadata: { template: 'tried', template_version: 'draft' },
      expires: true,
    });
    expect(await stored(answer.body.results[1].id)).toMatchObject({
      channel: 'sms',
      content: { text: '[TEST] Draft Ada' },
    });
    expect((await audited('tried')).filter((action) => action === 'template.test')).toHaveLength(2);
  });

  test('with an Idempotency-Key is sent once', async () => {
    await publishNow('once', sms('One'));
    const body = { recipients: [{ phone: '+14155550100' }, { phone: '+14155550101' }] };
    const first = await send('once', body, 'k1');
    const again = await send('once', body, 'k1');
    expect(first.body.results[0].id).not.toBe(first.body.results[1].id);
    expect(again.body.results).toMatchObject(
      first.body.results.map(({ id }: { id: string }) => ({ id, replayed: true })),
    );
  });

  test('that cannot be rendered or does not reach anybody says why, for each recipient', async () => {
    await publishNow('needs-name', sms('Hi {{ name }}'));
    const answer = await send('needs-name', {
      recipients: [{ phone: '+14155550100' }, { email: 'a@example.com' }],
    });
    expect(answer.body.results).toMatchObject([
      { status: 422, error: { code: 'missing_variables', errors: [{ path: 'data.name' }] } },
      { status: 422, error: { code: 'no_contact_point' } },
    ]);
  });
});

describe('scopes', () => {
  test('templates:read reads and previews, and changes nothing', async () => {
    await publishNow('scoped', sms('One'));
    const key = await api.key({ scopes: ['templates:read'] });
    const as = async (method: string, path: string, body?: unknown) =>
      (await api.request(method, path, body, { key })).status;
    for (const path of ['', '/draft', '/versions', '/diff'])
      expect(await as('GET', at('scoped', path))).toBe(200);
    expect(await as('POST', at('scoped', '/preview'), { channel: 'sms' })).toBe(200);
    expect(await as('PUT', at('scoped'), { channels: sms('x') })).toBe(403);
    expect(await as('PUT', at('scoped', '/draft'), { channels: sms('x') })).toBe(403);
    expect(await as('DELETE', at('scoped', '/draft'))).toBe(403);
    expect(await as('POST', at('scoped', '/publish'))).toBe(403);
    expect(await as('POST', at('scoped', '/rollback'), { version: 1 })).toBe(403);
    expect(await as('POST', at('scoped', '/test'), { recipients: [{ phone: '+14155550100' }] })).toBe(403);
  });

  test('a template of another app or environment is not there', async () => {
    await publishNow('mine', sms('One'));
    await save('mine', sms('Two'));
    const key = await api.key({ environment: 'test' });
    for (const path of ['/draft', '/versions', '/diff'])
      expect((await api.request('GET', at('mine', path), undefined, { key })).status).toBe(404);
    expect((await api.request('POST', at('mine', '/rollback'), { version: 1 }, { key })).status).toBe(404);
    expect((await api.request('DELETE', at('mine', '/draft'), undefined, { key })).status).toBe(204);
    expect((await draft('mine')).body.saved).toBe(true);
  });
});
