import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let welcome: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const { sql } = api.db;
  const recipient = async (id: string, locale: string | null, points: [string, string, boolean?][]) => {
    await sql`insert into recipients (app_id, environment, id, locale) values (${api.appId}, 'live', ${id}, ${locale})`;
    for (const [kind, address, disabled] of points) {
      await sql`insert into contact_points (app_id, environment, recipient_id, kind, address, disabled_at)
        values (${api.appId}, 'live', ${id}, ${kind}, ${address}, ${disabled ? new Date() : null})`;
    }
  };
  await recipient('ada', 'pt-BR', [['email', 'ada@example.com']]);
  await recipient('bob', null, [
    ['email', 'bob@example.com', true],
    ['phone', '+14155552671'],
  ]);
  await recipient('eve', null, []);
  welcome = await template('welcome', [
    ['email', 'en', ['name']],
    ['email', 'pt', ['name', 'order.id']],
    ['sms', 'en', []],
  ]);
  await template('only-french', [['email', 'fr', []]]);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function template(key: string, variants: [string, string, string[]][], version = 3): Promise<string> {
  const [row] = await api.db.sql<[{ id: string }]>`
    insert into templates (app_id, environment, key, published_version) values (${api.appId}, 'live', ${key}, ${version})
    returning id`;
  for (const [channel, locale, required] of variants) {
    await api.db.sql`
      insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
      values (${row.id}, ${version}, ${channel}, ${locale}, '{"subject": "s", "text": "t"}', ${required}, 'test')`;
  }
  return row.id;
}
const send = (body: unknown, headers: Record<string, string> = {}) =>
  api.request('POST', '/v1/notifications', body, { headers });
const rowOf = async (id: string) => (await api.db.sql`select * from notifications where id = ${id}`)[0];
const text = { subject: 'S', text: 'T', title: 'T', body: 'B' };

describe('a recipient', () => {
  test('is looked up, and the first channel that reaches them is tried first', async () => {
    const { body } = await send({
      to: { recipient_id: 'bob' },
      route: ['push', 'email', 'sms'],
      content: text,
    });
    expect(await rowOf(body.id)).toMatchObject({ channel: 'sms', recipient_id: 'bob', address: null });
  });

  test('without any point of contact still has an inbox', async () => {
    const { body } = await send({ to: { recipient_id: 'eve' }, channel: 'in_app', content: text });
    expect(await rowOf(body.id)).toMatchObject({ channel: 'in_app' });
  });

  test('that does not exist is refused, naming the remedy', async () => {
    const { status, body } = await send({ to: { recipient_id: 'user 42' }, channel: 'email', content: text });
    expect([status, body.code]).toEqual([422, 'unknown_recipient']);
    expect(body.detail).toContain('PUT /v1/recipients/user%2042');
  });

  test('of the other environment does not exist here', async () => {
    const key = await api.key({ environment: 'test' });
    const { body } = await api.request(
      'POST',
      '/v1/notifications',
      { to: { recipient_id: 'ada' }, channel: 'email', content: text },
      { key },
    );
    expect(body.code).toBe('unknown_recipient');
  });

  test.each([
    ['ada', ['sms']],
    ['bob', ['email']],
    ['eve', ['email', 'sms', 'push']],
  ])('%s cannot be reached by %s', async (id, route) => {
    const { status, body } = await send({ to: { recipient_id: id }, route, content: text });
    expect([status, body.code]).toEqual([422, 'no_contact_point']);
    expect(body.detail).toContain(route.join(' or '));
  });

  test('without an address is reached by one in the request, which takes precedence', async () => {
    const { body } = await send({
      to: { recipient_id: 'eve', email: 'eve@example.com' },
      channel: 'email',
      content: text,
    });
    expect(await rowOf(body.id)).toMatchObject({
      recipient_id: 'eve',
      address: { email: 'eve@example.com' },
    });
  });

  test('is not needed, but the address must suit a channel of the route', async () => {
    const { body } = await send({ to: { email: 'a@example.com' }, channel: 'sms', content: text });
    expect(body.code).toBe('no_contact_point');
  });
});

describe('a template', () => {
  test('is pinned with its published version and the best matching locale', async () => {
    const { body } = await send({
      to: { recipient_id: 'ada' },
      channel: 'email',
      template: 'welcome',
      data: { name: 'Ada', order: { id: 'A-17' } },
    });
    expect(await rowOf(body.id)).toMatchObject({
      template_id: welcome,
      template_version: 3,
      locale: 'pt',
      data: { name: 'Ada', order: { id: 'A-17' } },
      content: null,
    });
  });

  test.each([
    ['the locale of the request before the recipient\u2019s', 'welcome', 'en-GB', 'en'],
    ['the recipient\u2019s language if the request names one it has not', 'welcome', 'ja', 'pt'],
    ['whatever there is rather than nothing', 'only-french', 'ja', 'fr'],
  ])('takes %s', async (_, key, locale, expected) => {
    const { body } = await send({
      to: { recipient_id: 'ada' },
      channel: 'email',
      template: key,
      locale,
      data: { name: 'Ada', order: { id: 1 } },
    });
    expect(await rowOf(body.id)).toMatchObject({ locale: expected });
  });

  test('that does not exist is refused', async () => {
    const { status, body } = await send({
      to: { email: 'a@example.com' },
      channel: 'email',
      template: 'welcom',
    });
    expect([status, body.code]).toEqual([422, 'unknown_template']);
    expect(body.detail).toContain('"welcom"');
  });

  test('without a text for a channel of the route is refused, naming the channels it has', async () => {
    const { body } = await send({
      to: { recipient_id: 'ada' },
      route: ['email', 'push'],
      template: 'welcome',
      data: { name: 'Ada', order: { id: 1 } },
    });
    expect(body.code).toBe('unknown_template');
    expect(body.detail).toContain('no push text; it has email, sms');
  });

  test('whose variables are missing is refused, naming each', async () => {
    const { status, body } = await send({
      to: { recipient_id: 'ada' },
      channel: 'email',
      template: 'welcome',
      data: { name: null, order: {} },
    });
    expect([status, body.code]).toEqual([422, 'missing_variables']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual(['data.name', 'data.order.id']);
  });

  test('that was deleted since does not turn a replay into a refusal', async () => {
    const id = await template('short-lived', [['email', 'en', []]]);
    const request = { to: { email: 'a@example.com' }, channel: 'email', template: 'short-lived' };
    const first = await send(request, { 'Idempotency-Key': 'gone' });
    await api.db.sql`delete from template_versions where template_id = ${id}`;
    await api.db.sql`delete from templates where id = ${id}`;
    const again = await send(request, { 'Idempotency-Key': 'gone' });
    expect(again.body).toEqual(first.body);
    expect((await send(request)).body.code).toBe('unknown_template');
  });
});

test('in a batch one unknown reference fails only its own item', async () => {
  const to = { email: 'a@example.com' };
  const { body } = await api.request('POST', '/v1/notifications/batch', {
    notifications: [
      { to, channel: 'email', template: 'welcome', data: { name: 'A' } },
      { to, channel: 'email', template: 'nope' },
      { to: { recipient_id: 'nobody' }, channel: 'email', content: text },
      { to: { recipient_id: 'ada' }, channel: 'email', content: text },
      { to, channel: 'email', template: 'welcome' },
    ],
  });
  expect(
    body.results.map(
      (result: { status: number; error?: { code: string } }) => result.error?.code ?? result.status,
    ),
  ).toEqual([202, 'unknown_template', 'unknown_recipient', 202, 'missing_variables']);
});
