import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  const [row] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('search') returning id`;
  key = await api.key({ appId: row.id });
});

async function send(to: object, more: object = {}): Promise<string> {
  const body = { to, channel: 'email', content: { subject: 'Hello', text: 'Hello' }, ...more };
  const answer = await api.request('POST', '/v1/notifications', body, { key });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

const search = (q: string, by = key) =>
  api.request('GET', `/v1/search?q=${encodeURIComponent(q)}`, undefined, { key: by });
/** `kind matched id` of each hit. */
async function found(q: string, by = key): Promise<string[]> {
  const { status, body } = await search(q, by);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.data.map((hit: Record<string, string>) => `${hit.kind} ${hit.matched} ${hit.id}`);
}

describe('GET /v1/search', () => {
  test('finds a message by its id in either case, by the id of an attempt, and by a pasted link', async () => {
    const id = await send({ email: 'ada@example.com' });
    expect(await found(id)).toEqual([`notification id ${id}`]);
    expect(await found(` ${id.toUpperCase()} `)).toEqual([`notification id ${id}`]);
    expect(await found(`${id}/1`)).toEqual([`notification attempt_id ${id}`]);
    expect(await found(`https://carillon.example.com/notifications/${id}#html`)).toEqual([
      `notification id ${id}`,
    ]);
    const { body } = await search(id);
    expect(body).toMatchObject({
      more: false,
      data: [
        {
          because: 'this is its id',
          notification: { id, status: 'pending', to: { email: 'ada@example.com' } },
        },
      ],
    });
  });

  test('finds what was sent to a bare address that no recipient has, in any spelling', async () => {
    const id = await send({ email: 'Ada@example.com' });
    for (const q of ['ada@example.com', 'ADA@EXAMPLE.COM', 'Ada <ada@example.com>', 'mailto:ada@example.com'])
      expect(await found(q), q).toEqual([
        'address written_address ada@example.com',
        `notification address ${id}`,
      ]);
    const { body } = await search('ADA@example.com');
    expect(body.data[0].filter).toEqual({ address: 'ada@example.com' });
  });

  test('finds a phone number as people write it', async () => {
    const id = await send({ phone: '+447911123456' }, { channel: 'sms', content: { text: 'Hello' } });
    for (const q of ['+44 7911 123456', '+44 (0)7911 123456', '00447911123456', '447911123456'])
      expect(await found(q), q).toEqual([
        'address written_address +447911123456',
        `notification address ${id}`,
      ]);
  });

  test('finds a recipient by id, by its beginning and by an address, with what was sent to it', async () => {
    await api.request('PUT', '/v1/recipients/user_42', { email: 'grace@example.com' }, { key });
    const id = await send({ recipient_id: 'user_42' });
    expect(await found('user_42')).toEqual([
      'recipient recipient_id user_42',
      `notification recipient_id ${id}`,
    ]);
    expect(await found('user_4')).toEqual(['recipient recipient_id_prefix user_42']);
    expect(await found('Grace@Example.com')).toEqual([
      'address written_address grace@example.com',
      'recipient recipient_address user_42',
      `notification address ${id}`,
    ]);
  });

  test("finds a provider's message id, an idempotency key and a template", async () => {
    const id = await send({ email: 'ada@example.com' }, { idempotency_key: 'order-17' });
    await api.db.sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
      values (${id}, 1, 'answered', 'email', 'resend', now(), 'accepted', 're_123')`;
    await api.request(
      'PUT',
      '/v1/templates/order_shipped',
      { channels: { sms: { en: { text: 'Hi' } } } },
      { key },
    );
    expect(await found('order-17')).toEqual([`notification idempotency_key ${id}`]);
    expect(await found('re_123')).toEqual([`notification provider_message_id ${id}`]);
    expect(await found('order_shipped')).toEqual(['template template_key order_shipped']);
    expect(await found('order_')).toEqual(['template template_key_prefix order_shipped']);
  });

  test('says that an address is suppressed, to keys that may know', async () => {
    await api.request(
      'POST',
      '/v1/suppressions',
      { channel: 'email', address: 'ada@example.com', detail: 'asked us' },
      { key },
    );
    const { body } = await search('Ada@example.com');
    expect(body.data[1]).toMatchObject({
      kind: 'suppression',
      because: 'this address gets no messages',
      suppression: { channel: 'email', reason: 'manual', detail: 'asked us' },
    });
    const [own] = await api.db.sql<
      [{ id: string }]
    >`select app_id as id from suppressions order by created_at desc limit 1`;
    const reader = await api.key({ appId: own.id, scopes: ['notifications:read'] });
    expect(await found('Ada@example.com', reader)).toEqual(['address written_address ada@example.com']);
  });

  test('shows ten of many, newest first, and says that there are more', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await send({ email: 'ada@example.com' }));
    const { body } = await search('ada@example.com');
    expect(body.more).toBe(true);
    expect(body.data.slice(1).map((hit: { id: string }) => hit.id)).toEqual(ids.slice(2).reverse());
  });

  test('finds nothing of another app or environment', async () => {
    const id = await send({ email: 'ada@example.com' }, { idempotency_key: 'order-18' });
    await api.db.sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
      values (${id}, 1, 'answered', 'email', 'resend', now(), 'accepted', 're_18')`;
    const foreign = await api.key();
    for (const q of [id, `${id}/1`, 'order-18', 're_18']) expect(await found(q, foreign), q).toEqual([]);
    expect(await found('ada@example.com', foreign)).toEqual(['address written_address ada@example.com']);
  });

  test('answers what names nothing with an empty list, and an empty text with 422', async () => {
    for (const q of ['nonsense', '%', "' or 1=1 --", '{{x}}', '☃']) expect(await found(q), q).toEqual([]);
    for (const query of ['', '?q=', '?q=%20%20']) {
      const answer = await api.request('GET', `/v1/search${query}`, undefined, { key });
      expect(answer.status).toBe(422);
      expect(answer.body.errors[0].path).toBe('q');
    }
    const blind = await api.key({ scopes: ['recipients:*'] });
    expect((await search('x', blind)).status).toBe(403);
  });
});
