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

const SMS = { to: { phone: '+14155552671' }, channel: 'sms', content: { text: 'Your code is 314159' } };

async function send(body: object = {}, key?: string): Promise<string> {
  const answer = await api.request(
    'POST',
    '/v1/notifications',
    { ...SMS, ...body },
    key === undefined ? {} : { key },
  );
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}

const get = (id: string, key?: string) =>
  api.request('GET', `/v1/notifications/${id}`, undefined, key === undefined ? {} : { key });

describe('GET /v1/notifications/{id}', () => {
  test('shows the fields of the request, but neither body nor variables nor device tokens', async () => {
    const id = await send({
      to: { email: 'ada@example.com', push: { fcm_token: 'device-token-123456' } },
      channel: undefined,
      route: ['email', 'push'],
      content: { subject: 'Code', text: 'It is 314159', title: 'Code', body: 'It is 314159' },
      priority: 'critical',
      category: 'security',
      idempotency_key: 'look-me-up',
      ordering_key: 'ada',
      event_id: 'evt-1',
      metadata: { ticket: '17' },
      from: 'Shop <shop@example.com>',
      reply_to: 'help@example.com',
      expires_at: '2099-01-01T00:00:00Z',
    });
    const answer = await get(id);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      id,
      notification_id: id,
      status: 'pending',
      priority: 'critical',
      category: 'security',
      channel: 'email',
      route: ['email', 'push'],
      to: { email: 'ada@example.com', push: { kind: 'fcm', ends_with: '123456' } },
      template: null,
      idempotency_key: 'look-me-up',
      ordering_key: 'ada',
      event_id: 'evt-1',
      metadata: { ticket: '17' },
      from: 'Shop <shop@example.com>',
      reply_to: 'help@example.com',
      expires_at: '2099-01-01T00:00:00.000Z',
      send_at: null,
      attempt_count: 0,
      attempts: [],
      error: null,
    });
    expect(answer.body.timeline).toEqual([
      { at: answer.body.created_at, status: 'pending', actor: 'api', reason: 'accepted' },
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/314159|device-token/);
  });

  test('shows the whole timeline: attempts and journal in chronological order', async () => {
    const id = await send();
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
    await api.db.sql`
      update notifications set state = 'delivered', queued_at = ${at(1)}, attempt_count = 2, tries = 2,
        provider = 'twilio', provider_message_id = 'SM2' where id = ${id}`;
    await api.db.sql`
      insert into delivery_attempts
        (notification_id, n, phase, channel, provider, started_at, finished_at, outcome, error_code, error,
         provider_message_id, latency_ms)
      values
        (${id}, 1, 'answered', 'sms', 'twilio', ${at(2)}, ${at(3)}, 'transient', '20500', 'server error', null, 1000),
        (${id}, 2, 'answered', 'sms', 'twilio', ${at(6)}, ${at(7)}, 'accepted', null, null, 'SM2', 900)`;
    await api.db.sql`
      insert into notification_history (notification_id, at, state, actor, reason, detail)
      values (${id}, ${at(3)}, 'retrying', 'deliver', 'server error', '{"code": "20500"}'),
        (${id}, ${at(9)}, 'delivered', 'receipt', 'delivered to handset', null)`;

    const { body } = await get(id);
    expect(body).toMatchObject({
      status: 'delivered',
      provider: 'twilio',
      provider_message_id: 'SM2',
      attempt_count: 2,
    });
    expect(body.attempts).toMatchObject([
      {
        id: `${id}/1`,
        n: 1,
        outcome: 'transient',
        error: { code: '20500', message: 'server error' },
        latency_ms: 1000,
      },
      { id: `${id}/2`, n: 2, outcome: 'accepted', error: null, provider_message_id: 'SM2' },
    ]);
    expect(
      body.timeline.map((entry: { status: string; actor: string }) => `${entry.status} ${entry.actor}`),
    ).toEqual([
      'pending api',
      'queued relay',
      'sending deliver',
      'retrying deliver',
      'sending deliver',
      'sent deliver',
      'delivered receipt',
    ]);
  });

  test('shows the original send time of a scheduled one, also after it was rescheduled', async () => {
    const id = await send({ send_at: '2098-01-01T00:00:00Z' });
    await api.request('POST', `/v1/notifications/${id}/reschedule`, { send_at: '2099-01-01T00:00:00Z' });
    const { body } = await get(id);
    expect(body).toMatchObject({ status: 'scheduled', send_at: '2099-01-01T00:00:00.000Z' });
    expect(body.timeline).toMatchObject([
      { status: 'scheduled', reason: 'accepted, to be sent at 2098-01-01T00:00:00.000Z' },
      {
        status: 'scheduled',
        actor: expect.stringMatching(/^key:/),
        reason: expect.stringContaining('2099-01-01'),
      },
    ]);
  });

  test('answers 404 alike for unknown ids and invalid ids', async () => {
    for (const id of ['00000000-0000-8000-8000-000000000000', 'nonsense', '%00', "' or 1=1"]) {
      const answer = await get(encodeURIComponent(id));
      expect(answer.status).toBe(404);
      expect(answer.body.code).toBe('not_found');
    }
  });
});

describe('GET /v1/notifications', () => {
  const list = (query: string, key: string) =>
    api.request('GET', `/v1/notifications${query}`, undefined, { key });
  /** An app of its own, so that counts are exact. */
  async function freshKey(): Promise<string> {
    const [row] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('list') returning id`;
    return api.key({ appId: row.id });
  }
  const idsOf = (answer: { body: { data: { id: string }[] } }) => answer.body.data.map(({ id }) => id);

  test('pages through rows of one moment without gaps or repeats, newest first', async () => {
    const key = await freshKey();
    const batch = await api.request(
      'POST',
      '/v1/notifications/batch',
      { notifications: Array.from({ length: 23 }, () => SMS) },
      { key },
    );
    const sent: string[] = batch.body.results.map((result: { id: string }) => result.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`?limit=5${cursor === null ? '' : `&cursor=${cursor}`}`, key);
      expect(page.body.data.length).toBeLessThanOrEqual(5);
      seen.push(...idsOf(page));
      cursor = page.body.next_cursor;
      // New notifications do not shift later pages.
      if (cursor !== null) await send({}, key);
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(sent.toSorted());
  });

  test('filters by each field', async () => {
    const key = await freshKey();
    await api.request(
      'PUT',
      '/v1/recipients/ada',
      { phone: '+14155552671', email: 'ada@example.com' },
      { key },
    );
    const plain = await send({}, key);
    const ofAda = await send({ to: { recipient_id: 'ada' } }, key);
    const critical = await send({ priority: 'critical', category: 'security' }, key);
    const mail = await send(
      { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 's', text: 't' } },
      key,
    );
    const scheduled = await send({ send_at: '2099-01-01T00:00:00Z' }, key);
    const campaign = '018f4e3c-0000-7000-8000-000000000001';
    await api.db
      .sql`update notifications set origin_id = ${campaign}, origin_variant = 0 where id = ${plain}`;

    const all = [scheduled, mail, critical, ofAda, plain];
    for (const [query, expected] of [
      ['', all],
      ['?recipient_id=ada', [ofAda]],
      ['?channel=email', [mail]],
      ['?priority=critical', [critical]],
      ['?category=security', [critical]],
      ['?status=scheduled', [scheduled]],
      ['?status=pending&channel=sms', [critical, ofAda, plain]],
      [`?campaign_id=${campaign}`, [plain]],
      ['?created_after=2090-01-01T00:00:00Z', []],
      ['?created_before=2090-01-01T00:00:00%2B02:00', all],
    ] as const) {
      const answer = await list(query, key);
      expect(answer.status).toBe(200);
      expect([query, idsOf(answer).toSorted()]).toEqual([query, [...expected].toSorted()]);
    }
  });

  test('filters by what happened, and by several states, channels and priorities at once', async () => {
    const key = await freshKey();
    const text = { channels: { sms: { en: { text: 'Hello' } } } };
    await api.request('PUT', '/v1/templates/greeting', text, { key });
    await api.request('PUT', '/v1/templates/unused', text, { key });
    const greeting = await send({ content: undefined, template: 'greeting', data: {} }, key);
    const dead = await send({ idempotency_key: 'the-key' }, key);
    const failed = await send({ priority: 'bulk' }, key);
    const sent = await send({ priority: 'critical' }, key);
    const scheduled = await send({ send_at: '2099-01-02T00:00:00Z' }, key);
    const later = await send({ send_at: '2099-01-03T00:00:00Z' }, key);
    const { sql } = api.db;
    await sql`
      update notifications set state = 'dead', error_code = 'timeout', provider = 'twilio', attempt_count = 2
      where id = ${dead}`;
    await sql`
      update notifications set state = 'failed', error_code = '21610', provider = 'termii', attempt_count = 1
      where id = ${failed}`;
    await sql`
      update notifications set state = 'sent', provider = 'twilio', provider_message_id = 'SM2', attempt_count = 2
      where id = ${sent}`;
    await sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
      values (${sent}, 1, 'answered', 'sms', 'termii', now(), 'in_doubt', 'T1'),
        (${sent}, 2, 'answered', 'sms', 'twilio', now(), 'accepted', 'SM2')`;

    for (const [query, expected] of [
      ['?template=greeting', [greeting]],
      ['?template=unused', []],
      ['?template=none', []],
      ['?provider=twilio', [sent, dead]],
      ['?error=timeout', [dead]],
      ['?error=timeout&status=failed', []],
      ['?error=timeout&status=failed,dead', [dead]],
      ['?error=timeout&channel=email', []],
      ['?status=dead,failed', [failed, dead]],
      ['?status=failed,dead,failed', [failed, dead]],
      ['?status=dead,sent', [sent, dead]],
      ['?priority=bulk,critical', [sent, failed]],
      ['?channel=email,sms&status=sent', [sent]],
      ['?channel=email,push', []],
      ['?provider_message_id=SM2', [sent]],
      ['?provider_message_id=T1', [sent]],
      ['?provider_message_id=none', []],
      ['?provider_message_id=SM2&status=dead', []],
      ['?idempotency_key=the-key', [dead]],
      ['?idempotency_key=the-key&status=sent', []],
      ['?idempotency_key=another', []],
      ['?send_at_after=2099-01-02T00:00:00Z', [later, scheduled]],
      ['?send_at_after=2099-01-02T00:00:01Z', [later]],
      ['?send_at_before=2099-01-03T00:00:00Z', [scheduled]],
    ] as const) {
      const answer = await list(query, key);
      expect([query, idsOf(answer)]).toEqual([query, [...expected]]);
    }
    const foreign = await list('?provider_message_id=SM2', await freshKey());
    expect(idsOf(foreign)).toEqual([]);
    const testKey = await api.key({ environment: 'test' });
    expect(idsOf(await list('?error=timeout', testKey))).toEqual([]);
  });

  test('lists what is scheduled by the time of sending, next first, page by page', async () => {
    const key = await freshKey();
    const at = (day: number) => ({ send_at: `2099-01-0${day}T08:00:00Z` });
    const ids: string[] = [];
    for (const day of [3, 1, 2, 2, 5, 4]) ids.push(await send(at(day), key));
    await send({}, key);
    const [third, first, second, alsoSecond, fifth, fourth] = ids;
    const inOrder = [first, ...[second!, alsoSecond!].sort(), third, fourth, fifth];
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(
        `?status=scheduled&sort=send_at&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
        key,
      );
      seen.push(...idsOf(page));
      cursor = page.body.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(inOrder);
    const days = '&send_at_after=2099-01-02T00:00:00Z&send_at_before=2099-01-04T00:00:00Z';
    expect(idsOf(await list(`?status=scheduled&sort=send_at${days}`, key))).toEqual(inOrder.slice(1, 4));
    const none = `?status=scheduled&sort=send_at&address=nobody@example.com`;
    expect((await list(none, key)).body).toEqual({ data: [], next_cursor: null });
    const byNumber = `?status=scheduled&sort=send_at&address=%2B14155552671&channel=sms&limit=1`;
    expect(idsOf(await list(byNumber, key))).toEqual([first]);
  });

  test('what waits for the end of quiet hours stands in the calendar at that time', async () => {
    const key = await freshKey();
    const held = await send({ send_at: '2099-01-01T00:00:00Z' }, key);
    await api.db.sql`update notifications set next_attempt_at = '2099-01-01T07:00:00Z' where id = ${held}`;
    expect(idsOf(await list('?status=scheduled&send_at_after=2099-01-01T06:00:00Z', key))).toEqual([held]);
    expect(idsOf(await list('?status=scheduled&send_at_before=2099-01-01T06:00:00Z', key))).toEqual([]);
  });

  test.each([
    ['status=dead,lost', 'status'],
    ['status=dead,', 'status'],
    ['status=dead,%20failed', 'status'],
    ['channel=sms,fax', 'channel'],
    ['priority=', 'priority'],
    ['sort=send_at', 'sort'],
    ['sort=send_at&status=scheduled,dead', 'sort'],
    ['sort=name', 'sort'],
    ['send_at_after=tomorrow', 'send_at_after'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['status=lost', 'status'],
    ['created_after=yesterday', 'created_after'],
    ['campaign_id=1', 'campaign_id'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('["2026-01-01 00:00:00+00","1\' or 1=1"]').toString('base64url')}`, 'cursor'],
    ['state=pending', 'state'],
  ])('refuses ?%s, naming the field', async (query, path) => {
    const answer = await api.request('GET', `/v1/notifications?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
  });
});

describe('a foreign notification is not there', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('for %s', async (who) => {
    const id = await send({ idempotency_key: `foreign-${who.replaceAll(' ', '-')}` });
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const key =
      who === 'another app'
        ? await api.key({ appId: other.id })
        : who === 'the other environment'
          ? await api.key({ environment: 'test' })
          : await api.key({ scopes: ['recipients:*', 'templates:*', 'notifications:write'] });
    const answer = await get(id, key);
    expect(answer.status).toBe(who === 'a key without the scope' ? 403 : 404);
    const listed = await api.request('GET', '/v1/notifications', undefined, { key });
    if (who === 'a key without the scope') expect(listed.status).toBe(403);
    else expect(listed.body.data).toEqual([]);
  });
});
