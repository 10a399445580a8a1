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
  await api.close();
  await database.drop();
});

const put = (key: string, channels: unknown) => api.request('PUT', `/v1/templates/${key}`, { channels });

const SHIPPED = {
  email: {
    en: { subject: 'Order {{ order }}', text: 'Hi {{ name }}', html: '<p>Hi {{ name }}</p>' },
    de: { subject: 'Bestellung {{ order }}', text: 'Hallo {{ name | default: "du" }}' },
  },
  sms: { en: { text: 'Order {{ order }} is on its way' } },
};

describe('PUT /v1/templates/{key}', () => {
  test('creates, then publishes a new version only when a text differs', async () => {
    const first = await put('publish', SHIPPED);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      key: 'publish',
      version: 1,
      published_version: 1,
      channels: SHIPPED,
      required_variables: ['name', 'order'],
    });

    const reordered = { sms: SHIPPED.sms, email: { de: SHIPPED.email.de, en: SHIPPED.email.en } };
    const same = await put('publish', reordered);
    expect(same.status).toBe(200);
    expect(same.body).toMatchObject({ version: 1, updated_at: first.body.updated_at });

    const changed = await put('publish', { sms: { en: { text: 'Gone' } } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      version: 2,
      published_version: 2,
      channels: { sms: { en: { text: 'Gone' } } },
    });
    expect(changed.body.channels.email).toBeUndefined();

    const back = await put('publish', SHIPPED);
    expect(back.body.version).toBe(3);
    const old = await api.request('GET', '/v1/templates/publish?version=2');
    expect(old.body).toMatchObject({
      version: 2,
      published_version: 3,
      channels: { sms: { en: { text: 'Gone' } } },
    });
  });

  test('writes one audit row for each publication, naming the key', async () => {
    await put('audited', { sms: { en: { text: 'a' } } });
    await put('audited', { sms: { en: { text: 'a' } } });
    const rows = await api.db
      .sql`select actor, action, detail from audit_log where subject = 'template:audited'`;
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      actor: expect.stringMatching(/^key:[0-9a-f]{12}$/),
      action: 'template.publish',
      detail: { version: 1, texts: ['sms/en'] },
    });
  });

  test('called many times concurrently leaves versions without gaps, each with its own text', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => put('crowd', { sms: { en: { text: `text ${n}` } } })),
    );
    expect(answers.map(({ body }) => body.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const [n, { body }] of answers.entries()) expect(body.channels.sms.en.text).toBe(`text ${n}`);
  });

  test('refuses a faulty text with its path, line and column, and stores nothing', async () => {
    const answer = await put('faulty', {
      email: { en: { subject: 'Hi {{ name | shout }}', text: 'one\ntwo {% if x %}' } },
      sms: { en: { text: '{% include "secrets" %}' }, de: { text: 'fine' } },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('invalid_request');
    expect(answer.body.errors).toEqual([
      expect.objectContaining({ path: 'channels.email.en.subject', line: 1, column: 4 }),
      expect.objectContaining({ path: 'channels.email.en.text', line: 2, column: 5 }),
      expect.objectContaining({
        path: 'channels.sms.en.text',
        message: expect.stringContaining('line 1, column 1: unknown tag "include"'),
      }),
    ]);
    expect((await api.request('GET', '/v1/templates/faulty')).status).toBe(404);
  });

  test.each([
    ['no channel', {}, 'channels'],
    ['an unknown channel', { fax: { en: { text: 'x' } } }, 'channels.fax'],
    ['a channel without locales', { sms: {} }, 'channels.sms'],
    ['a field of another channel', { sms: { en: { text: 'x', subject: 'y' } } }, 'channels.sms.en.subject'],
    ['a missing field', { push: { en: { title: 'x' } } }, 'channels.push.en.body'],
    ['an email without text and html', { email: { en: { subject: 'x' } } }, 'channels.email.en.text'],
    ['a locale that is none', { sms: { 'e n': { text: 'x' } } }, 'channels.sms'],
    ['one locale in two spellings', { sms: { en: { text: 'x' }, EN: { text: 'y' } } }, 'channels.sms'],
    [
      'a subject of two lines',
      { email: { en: { subject: 'a\nb', text: 'x' } } },
      'channels.email.en.subject',
    ],
    [
      'a script as url',
      { push: { en: { title: 'x', body: 'y', url: 'javascript:x' } } },
      'channels.push.en.url',
    ],
  ])('refuses %s, naming the path', async (_, channels, path) => {
    const answer = await put('shape', channels);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});

test('GET /v1/templates pages by key without gaps or repeats', async () => {
  const key = await api.key({ environment: 'test' });
  const keys = ['Zeta', 'alpha', 'beta', 'ä', 'gamma'];
  for (const name of keys) {
    await api.request(
      'PUT',
      `/v1/templates/${encodeURIComponent(name)}`,
      { channels: { sms: { en: { text: 'x' } } } },
      { key },
    );
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await api.request('GET', `/v1/templates?limit=2${query}`, undefined, { key });
    expect(page.status).toBe(200);
    for (const item of page.body.data) {
      expect(item).toMatchObject({ version: 1, channels: { sms: ['en'] } });
      seen.push(item.key);
    }
    cursor = page.body.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(['Zeta', 'alpha', 'beta', 'gamma', 'ä']);
});

describe('POST /v1/templates/{key}/preview', () => {
  const preview = (body: unknown) => api.request('POST', '/v1/templates/preview_me/preview', body);
  beforeAll(async () => {
    await put('preview_me', SHIPPED);
  });

  test('shows exactly what would be sent, escaped in html and in the locale that a send would choose', async () => {
    const data = { name: '<Ada>', order: 7 };
    expect((await preview({ channel: 'email', locale: 'en-GB', data })).body).toEqual({
      channel: 'email',
      locale: 'en',
      version: 1,
      html_bytes: 21,
      warnings: [],
      content: { subject: 'Order 7', text: 'Hi <Ada>', html: '<p>Hi &lt;Ada&gt;</p>' },
    });
    expect((await preview({ channel: 'email', locale: 'de', data: { order: 7 } })).body.content.text).toBe(
      'Hallo du',
    );
  });

  test('names the variables that are missing', async () => {
    const answer = await preview({ channel: 'email', data: { name: 'Ada' } });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'missing_variables', errors: [{ path: 'data.order' }] });
  });

  test('says which channels there are', async () => {
    const answer = await preview({ channel: 'push' });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain('has no push text; it has email, sms');
  });
});

describe('the preview of an SMS shows its cost', () => {
  const sizeOf = async (text: string) => {
    await put('priced', { sms: { en: { text } } });
    return (await api.request('POST', '/v1/templates/priced/preview', { channel: 'sms' })).body.sms;
  };

  test('in segments, with the characters that increase the cost', async () => {
    expect(await sizeOf('x'.repeat(161))).toMatchObject({
      encoding: 'gsm7',
      segments: 2,
      cost_estimate: null,
    });
    expect(await sizeOf(`It\u2019s ${'x'.repeat(70)}`)).toMatchObject({
      encoding: 'ucs2',
      segments: 2,
      outside_gsm7: ['\u2019'],
    });
  });

  test('and in money, where the account that is tried first has a price', async () => {
    await api.request('PUT', '/v1/provider-accounts/twilio-priced', {
      provider: 'twilio',
      environments: ['live'],
      from: '+15005550006',
      credentials: { account_sid: 'AC1', auth_token: 't' },
      price_per_segment: { amount: 0.0079, currency: 'USD' },
    });
    expect((await sizeOf('x'.repeat(161))).cost_estimate).toEqual({
      account: 'twilio-priced',
      amount: 0.0158,
      currency: 'USD',
    });
  });
});

describe('a foreign template is not there', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('for %s', async (who) => {
    await put('mine', { sms: { en: { text: 'secret' } } });
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const key =
      who === 'another app'
        ? await api.key({ appId: other.id })
        : who === 'the other environment'
          ? await api.key({ environment: 'test' })
          : await api.key({ scopes: ['recipients:*', 'notifications:write', 'notifications:read'] });
    const status = who === 'a key without the scope' ? 403 : 404;
    const answers = [
      await api.request('GET', '/v1/templates/mine', undefined, { key }),
      await api.request('POST', '/v1/templates/mine/preview', { channel: 'sms' }, { key }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    }
    const list = await api.request('GET', '/v1/templates', undefined, { key });
    if (status === 403) expect(list.status).toBe(403);
    else expect(list.body.data.map((item: { key: string }) => item.key)).not.toContain('mine');

    const own = await api.request(
      'PUT',
      '/v1/templates/mine',
      { channels: { sms: { en: { text: 'theirs' } } } },
      { key },
    );
    expect(own.status).toBe(status === 403 ? 403 : 201);
    expect((await api.request('GET', '/v1/templates/mine')).body.channels.sms.en.text).toBe('secret');
  });
});
