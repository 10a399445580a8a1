import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { PUBLIC_BASE_URL: 'https://notify.example/' } });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function send(body: object): Promise<string> {
  const answer = await api.request('POST', '/v1/notifications', body);
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

async function putTemplate(texts: object): Promise<void> {
  const answer = await api.request('PUT', '/v1/templates/greeting', texts);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
}

const category = (name: string, body: object) => api.request('PUT', `/v1/categories/${name}`, body);
const content = (id: string, key?: string) =>
  api.request('GET', `/v1/notifications/${id}/content`, undefined, key === undefined ? {} : { key });

/** As the worker leaves an attempt. */
async function attempt(
  id: string,
  n: number,
  channel: string,
  account: string,
  outcome: string,
): Promise<void> {
  await api.db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
    values (${id}, ${n}, 'answered', ${channel}, ${account}, now(), ${outcome}, ${outcome === 'accepted' ? 'p-1' : null})`;
}

describe('GET /v1/notifications/{id}/content', () => {
  test('renders the version that was sent, not one published since', async () => {
    const version = (word: string) => ({
      channels: {
        email: {
          en: {
            subject: `${word} {{ name }}`,
            text: `${word} {{ name }}!`,
            html: `<p>${word} {{ name }}</p>`,
          },
          de: { subject: 'Hallo', text: 'Hallo' },
        },
      },
    });
    await putTemplate(version('Hello'));
    const old = await send({
      to: { email: 'ada@example.com' },
      channel: 'email',
      template: 'greeting',
      data: { name: '<Ada>' },
    });
    await putTemplate(version('Goodbye'));
    const answer = await content(old);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: old, notification_id: old, unavailable: null });
    expect(answer.body.contents).toEqual([
      {
        channel: 'email',
        attempt_id: null,
        provider: null,
        outcome: null,
        locale: 'en',
        to: 'ada@example.com',
        from: null,
        problem: null,
        subject: 'Hello <Ada>',
        text: 'Hello <Ada>!',
        html: '<p>Hello &lt;Ada&gt;</p>',
        headers: { To: 'ada@example.com', Subject: 'Hello <Ada>', 'Auto-Submitted': 'auto-generated' },
        tracking: { opens: false, clicks: false },
      },
    ]);
  });

  test('names sender, Reply-To and the Message-ID that Carillon set, of the accepted call', async () => {
    await api.request('PUT', '/v1/provider-accounts/relay', {
      provider: 'smtp',
      environments: ['live'],
      from: 'Shop <hello@shop.example>',
      host: 'mail.shop.example',
      port: 587,
    });
    const id = await send({
      to: { email: 'ada@example.com' },
      channel: 'email',
      content: { subject: 'Hi', text: 'Hi' },
      reply_to: 'help@shop.example',
    });
    await attempt(id, 1, 'email', 'gone', 'transient');
    await attempt(id, 2, 'email', 'relay', 'accepted');
    await attempt(id, 3, 'email', 'gone', 'transient');
    const [mail] = (await content(id)).body.contents;
    expect(mail).toMatchObject({ attempt_id: `${id}/2`, provider: 'relay', outcome: 'accepted' });
    expect(mail.headers).toMatchObject({
      From: 'Shop <hello@shop.example>',
      'Reply-To': 'help@shop.example',
      'Message-ID': `<${id}/2@shop.example>`,
    });
  });

  test('contains no valid token: the unsubscribe link is masked, links and opens are not tracked', async () => {
    await category('news', {
      delivery_policy: 'resolve',
      unsubscribable: true,
      track_opens: true,
      track_clicks: true,
    });
    await api.request('PUT', '/v1/templates/news', {
      channels: {
        email: {
          en: {
            subject: 'News',
            html: '<a href="https://shop.example/sale">Sale</a> <a href="{{ unsubscribe_url }}">Leave</a>',
          },
        },
      },
    });
    const id = await send({
      to: { email: 'ada@example.com' },
      channel: 'email',
      template: 'news',
      category: 'news',
    });
    const answer = await content(id);
    const [mail] = answer.body.contents;
    expect(mail.html).toBe(
      '<a href="https://shop.example/sale">Sale</a> <a href="https://notify.example/v1/unsubscribe/masked">Leave</a>',
    );
    expect(mail.headers['List-Unsubscribe']).toBe('<https://notify.example/v1/unsubscribe/masked>');
    expect(mail.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    expect(mail.tracking).toEqual({ opens: true, clicks: true });
    expect((await api.request('GET', '/v1/unsubscribe/masked', undefined, { key: null })).status).toBe(404);
  });

  test('shows each channel that was tried: segments of an SMS, the payload of a push, but no device token', async () => {
    const push = { sound: null, badge: 3, data: { order: '17' } };
    const id = await send({
      to: { phone: '+14155552671', push: { fcm_token: 'device-token-123456' } },
      route: ['push', 'sms'],
      content: {
        title: 'Order',
        body: 'Shipped',
        url: 'https://shop.example/17',
        text: 'Your order has shipped \u{1f69a}',
      },
      push,
    });
    await attempt(id, 1, 'push', 'fcm', 'rejected');
    await attempt(id, 2, 'sms', 'twilio', 'accepted');
    const answer = await content(id);
    expect(answer.body.contents).toMatchObject([
      {
        channel: 'push',
        title: 'Order',
        body: 'Shipped',
        url: 'https://shop.example/17',
        options: push,
        to: '...123456',
      },
      {
        channel: 'sms',
        text: 'Your order has shipped \u{1f69a}',
        sms: { encoding: 'ucs2', units: 25, segments: 1 },
      },
    ]);
    expect(JSON.stringify(answer.body)).not.toContain('device-token');
  });

  test('a secret category and an erased recipient give a reason and no content', async () => {
    await category('codes', { delivery_policy: 'resolve', secret: true });
    const code = { channel: 'sms', content: { text: 'Your code is 314159' } };
    const secret = await send({ ...code, to: { phone: '+14155552671' }, category: 'Codes' });
    await api.db.sql`update notifications set state = 'sent', provider = 'twilio' where id = ${secret}`;
    expect((await content(secret)).body).toMatchObject({ unavailable: { reason: 'secret' }, contents: [] });
    // The texts were removed; the category may no longer be secret.
    await api.db.sql`update notifications set content = '{}', redacted_at = now() where id = ${secret}`;
    await category('codes', { delivery_policy: 'resolve', secret: false });
    expect((await content(secret)).body).toMatchObject({ unavailable: { reason: 'secret' }, contents: [] });

    await api.request('PUT', '/v1/recipients/ada', { phone: '+14155552671' });
    const erased = await send({ ...code, to: { recipient_id: 'ada' } });
    expect((await content(erased)).body.contents).toMatchObject([{ text: 'Your code is 314159', to: null }]);
    await api.request('DELETE', '/v1/recipients/ada');
    const answer = await content(erased);
    expect(answer.body).toMatchObject({ unavailable: { reason: 'erased' }, contents: [] });
    expect(JSON.stringify(answer.body)).not.toContain('314159');
  });

  test('says why a message that cannot be rendered was not sent', async () => {
    await api.request('PUT', '/v1/templates/strict', {
      channels: { sms: { en: { text: 'Hello {{ name }}' } } },
    });
    const id = await send({
      to: { phone: '+14155552671' },
      channel: 'sms',
      template: 'strict',
      data: { name: 'Ada' },
    });
    await api.db.sql`update notifications set data = '{}' where id = ${id}`;
    expect((await content(id)).body.contents).toMatchObject([
      { channel: 'sms', problem: { code: 'missing_variables', message: expect.stringContaining('name') } },
    ]);
  });

  test('needs a scope that no key has by default, and writes an audit row for each reading', async () => {
    const id = await send({ to: { phone: '+14155552671' }, channel: 'sms', content: { text: 'Hello' } });
    const others = await api.key({
      scopes: ['notifications:read', 'notifications:write', 'recipients:*', 'templates:*'],
    });
    const refused = await content(id, others);
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain('content:read');
    const reader = await api.key({ scopes: ['content:read'] });
    expect((await content(id, reader)).status).toBe(200);
    const rows = await api.db
      .sql`select actor, action from audit_log where subject = ${`notification:${id}`}`;
    expect(rows).toEqual([{ actor: `key:${reader.split('_')[2]}`, action: 'notification.read_content' }]);
  });

  test('a notification that retention removed or that never existed is answered 404', async () => {
    expect((await content(crypto.randomUUID())).status).toBe(404);
    const testKey = await api.key({ environment: 'test' });
    const id = await send({ to: { phone: '+14155552671' }, channel: 'sms', content: { text: 'Hello' } });
    expect((await content(id, testKey)).status).toBe(404);
  });
});
