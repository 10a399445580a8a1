import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let appId: string;
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
  const [row] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('sandbox') returning id`;
  appId = row.id;
  key = await api.key({ appId, environment: 'test' });
});

async function send(body: object, by = key): Promise<string> {
  const answer = await api.request('POST', '/v1/notifications', body, { key: by });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

/** As the worker leaves it. */
async function received(
  id: string,
  channel: string,
  { n = 1, error = null as string | null } = {},
): Promise<void> {
  const outcome = error === null ? 'accepted' : 'rejected';
  await api.db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id,
      error_code, error)
    values (${id}, ${n}, 'answered', ${channel}, 'simulator', now(), ${outcome}, ${error === null ? 'm1' : null}, ${error}, ${error})`;
  await api.db.sql`update notifications set attempt_count = ${n}, provider = 'simulator' where id = ${id}`;
}

const inbox = (query = '', by = key) => api.request('GET', `/v1/sandbox${query}`, undefined, { key: by });
const mail = (to: string, word: string) => ({
  to: { email: to },
  channel: 'email',
  content: { subject: `${word} subject`, text: `${word} text`, html: `<p>${word}</p>` },
});
const ids = ({ body }: { body: { data: { notification_id: string }[] } }) =>
  body.data.map(({ notification_id }) => notification_id);

describe('GET /v1/sandbox', () => {
  test('shows mail, SMS and push as the simulator received them, newest first', async () => {
    const first = await send(mail('ada@example.com', 'First'));
    await received(first, 'email');
    await api.request('PUT', '/v1/recipients/grace', { phone: '+14155552671' }, { key });
    const sms = await send({ to: { recipient_id: 'grace' }, channel: 'sms', content: { text: 'Your code' } });
    await received(sms, 'sms', { error: 'invalid_number' });
    const push = await send({
      to: { push: { fcm_token: 'device-token-123456' } },
      channel: 'push',
      content: { title: 'Title', body: 'Body' },
    });
    await received(push, 'push');
    // No provider was called for this one.
    await send(mail('later@example.com', 'Later'));

    const answer = await inbox();
    expect(answer.status).toBe(200);
    expect(answer.body.next_cursor).toBeNull();
    expect(answer.body.data).toMatchObject([
      { notification_id: push, to: '...123456', content: { channel: 'push', title: 'Title', body: 'Body' } },
      {
        notification_id: sms,
        recipient_id: 'grace',
        to: '+14155552671',
        error: { code: 'invalid_number' },
        content: { channel: 'sms', text: 'Your code', sms: { segments: 1 }, outcome: 'rejected' },
      },
      {
        notification_id: first,
        to: 'ada@example.com',
        error: null,
        unavailable: null,
        content: {
          channel: 'email',
          provider: 'simulator',
          outcome: 'accepted',
          subject: 'First subject',
          text: 'First text',
          html: '<p>First</p>',
          headers: { Subject: 'First subject' },
        },
      },
    ]);
  });

  test('filters by channel, address and text, and pages', async () => {
    const made: string[] = [];
    for (const [to, word] of [
      ['ada@example.com', 'Apple'],
      ['grace@example.com', 'Pear'],
      ['ada@example.com', 'Plum'],
    ] as const) {
      const id = await send(mail(to, word));
      await received(id, 'email');
      made.push(id);
    }
    const [apple, pear, plum] = made;
    expect(ids(await inbox('?to=ADA@example.com'))).toEqual([plum, apple]);
    expect(ids(await inbox('?q=pear'))).toEqual([pear]);
    expect(ids(await inbox('?q=PLUM%20subject&to=ada@example.com'))).toEqual([plum]);
    expect(ids(await inbox('?channel=sms'))).toEqual([]);
    const page = await inbox('?limit=2');
    expect(ids(page)).toEqual([plum, pear]);
    expect(ids(await inbox(`?limit=2&cursor=${page.body.next_cursor}`))).toEqual([apple]);
  });

  test('a message that fell back to another channel is there in each', async () => {
    const id = await send({
      to: { email: 'ada@example.com', phone: '+14155552671' },
      route: ['sms', 'email'],
      content: { subject: 'S', text: 'T' },
    });
    await received(id, 'sms', { n: 1, error: 'unreachable' });
    await received(id, 'email', { n: 2 });
    const { body } = await inbox();
    expect(body.data.map((each: { content: { channel: string } }) => each.content.channel)).toEqual([
      'sms',
      'email',
    ]);
    expect(ids(await inbox('?channel=email'))).toEqual([id]);
  });

  test('says why there is nothing to read of a secret category', async () => {
    await api.request('PUT', '/v1/categories/codes', { delivery_policy: 'resolve', secret: true }, { key });
    const id = await send({ ...mail('ada@example.com', 'Secret'), category: 'codes' });
    await received(id, 'email');
    const { body } = await inbox();
    expect(body.data).toMatchObject([{ notification_id: id, unavailable: { reason: 'secret' } }]);
    expect(JSON.stringify(body)).not.toMatch(/Secret (subject|text)/);
  });

  test('shows nothing of another app, refuses live keys and keys without the scope', async () => {
    await received(await send(mail('ada@example.com', 'Mine')), 'email');
    expect((await inbox('', await api.key({ environment: 'test' }))).body.data).toEqual([]);
    const live = await inbox('', await api.key({ appId }));
    expect([live.status, live.body.code]).toEqual([403, 'wrong_environment']);
    const blind = await inbox(
      '',
      await api.key({ appId, environment: 'test', scopes: ['notifications:read'] }),
    );
    expect([blind.status, blind.body.code]).toEqual([403, 'forbidden']);
    const many = await inbox('?limit=51');
    expect(many.body.errors[0]).toMatchObject({
      path: 'limit',
      message: expect.stringContaining('at most 50'),
    });
  });
});
