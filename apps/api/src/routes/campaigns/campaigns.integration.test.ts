import { storeOrigin } from '@carillon/db/origins/origins';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { insertPeople, insertTemplate } from '../../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
/** A new app for each test. */
let key: string;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  appId = await insertApp(api.db.sql);
  key = await api.key({ appId, environment: 'test' });
  await insertTemplate(api.db.sql, appId, { key: 'news' });
  await request('PUT', '/v1/categories/offers', {
    delivery_policy: 'resolve',
    unsubscribable: true,
  });
  await insertPeople(api.db.sql, { appId, count: 3, attributes: `jsonb_build_object('name', 'N', 'n', n)` });
});

const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.request(method, path, body, { key, headers });
/** A date some days ahead: a campaign is scheduled for 366 days at most. */
const dayAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const [DAY_BEFORE, SEND_DAY, DAY_AFTER] = [dayAhead(23), dayAhead(24), dayAhead(25)];
const EVERYBODY = { filter: { all: [] } };
const NEWS = {
  name: 'Spring news',
  template: 'news',
  channel: 'email',
  category: 'offers',
  audience: EVERYBODY,
};
const create = (change: object = {}) => request('POST', '/v1/campaigns', { ...NEWS, ...change });
const created = async (change: object = {}): Promise<string> => {
  const { status, body } = await create(change);
  expect(body, 'created').toMatchObject({ state: 'draft' });
  expect(status).toBe(201);
  return body.id;
};
const post = (id: string, verb: string, body?: unknown) =>
  request('POST', `/v1/campaigns/${id}/${verb}`, body);
const get = async (id: string) => (await request('GET', `/v1/campaigns/${id}`)).body;
const patch = (id: string, body: unknown, headers = {}) =>
  request('PATCH', `/v1/campaigns/${id}`, body, headers);
const scheduled = async (change: object = {}): Promise<string> => {
  const id = await created(change);
  expect(await post(id, 'schedule', { send_at: `${SEND_DAY}T09:00:00Z` })).toMatchObject({ status: 200 });
  return id;
};
/** As the launch does it. */
const launch = async (id: string): Promise<void> => {
  await storeOrigin(api.db.sql, {
    id,
    appId,
    environment: 'test',
    category: 'offers',
    data: {},
    events: 'problems',
  });
  await api.db.sql`
    update campaigns set state = 'running', started_at = now(), frozen_at = now() where id = ${id}`;
};
const stateOf = async (id: string) =>
  (await api.db.sql`select state from campaigns where id = ${id}`)[0]?.['state'];
const stopOf = async (id: string) =>
  (await api.db.sql`select mode from stops where origin_id = ${id}`)[0]?.['mode'] ?? null;
const audited = async (id: string) =>
  (await api.db.sql`select action from audit_log where subject = ${`campaign:${id}`} order by id`).map(
    ({ action }) => action,
  );

describe('a campaign is written', () => {
  test('as a draft that needs a name only, and is read with counts that are all zero', async () => {
    const { status, body, headers } = await request('POST', '/v1/campaigns', { name: 'An idea' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'An idea',
      state: 'draft',
      template: null,
      route: [],
      priority: 'bulk',
      variants: [],
      counts: { planned: 0, remaining: 0, made: 0, open: 0, not_made: {} },
      rate_per_minute: null,
      ends_at: null,
    });
    const read = await request('GET', `/v1/campaigns/${body.id}`);
    expect(read.body).toEqual(body);
    expect(read.headers.get('etag')).toBe(headers.get('etag'));
  });

  test('once, however often the same request with the same key comes', async () => {
    const headers = { 'idempotency-key': 'spring' };
    const [first, second] = await Promise.all([
      request('POST', '/v1/campaigns', NEWS, headers),
      request('POST', '/v1/campaigns', NEWS, headers),
    ]);
    expect([first!.status, second!.status]).toEqual([201, 201]);
    expect(first!.body.id).toBe(second!.body.id);
    const replayed = await request('POST', '/v1/campaigns', NEWS, headers);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    const other = await request('POST', '/v1/campaigns', { ...NEWS, name: 'Other' }, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
  });

  test('and listed newest first, by state and by page', async () => {
    const first = await created({ name: 'First' });
    const second = await scheduled({ name: 'Second' });
    const third = await created({ name: 'Third' });
    const page = await request('GET', '/v1/campaigns?limit=2');
    expect(page.body.data.map(({ id }: { id: string }) => id)).toEqual([third, second]);
    const rest = await request('GET', `/v1/campaigns?limit=2&cursor=${page.body.next_cursor}`);
    expect(rest.body).toMatchObject({ data: [{ id: first }], next_cursor: null });
    const drafts = await request('GET', '/v1/campaigns?state=draft,done');
    expect(drafts.body.data.map(({ id }: { id: string }) => id)).toEqual([third, first]);
  });

  test('and deleted while it is a draft, not later', async () => {
    const id = await created();
    expect((await request('DELETE', `/v1/campaigns/${id}`)).status).toBe(204);
    expect((await request('GET', `/v1/campaigns/${id}`)).status).toBe(404);
    const planned = await scheduled();
    expect(await request('DELETE', `/v1/campaigns/${planned}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_state' },
    });
  });

  test('in its app and environment only, by keys with its scope', async () => {
    const id = await created();
    for (const other of [
      await api.key({ environment: 'test' }),
      await api.key({ appId, environment: 'live' }),
    ])
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/pause'],
        ['GET', '/review'],
      ] as const)
        expect(
          (await api.request(method, `/v1/campaigns/${id}${path}`, undefined, { key: other })).status,
        ).toBe(404);
    const reader = await api.key({ appId, environment: 'test', scopes: ['campaigns:read'] });
    expect((await api.request('GET', `/v1/campaigns/${id}`, undefined, { key: reader })).status).toBe(200);
    expect((await api.request('POST', `/v1/campaigns/${id}/pause`, {}, { key: reader })).status).toBe(403);
  });
});

test.each<[object, string, string]>([
  [{ template: 'none' }, 'unknown_template', 'template'],
  [{ channel: 'sms' }, 'unknown_template', 'template'],
  [{ category: 'unknown' }, 'invalid_request', 'category'],
  [{ category: undefined }, 'invalid_request', 'category'],
  [{ priority: 'critical' }, 'invalid_request', 'priority'],
  [{ audience: { audience: 'none' } }, 'unknown_audience', 'audience.audience'],
  [{ audience: {} }, 'invalid_request', 'audience'],
  [{ audience: { filter: { field: 'x', op: 'eq', value: 1 } } }, 'invalid_request', 'audience.filter.field'],
  [
    { audience: { filter: { all: [{ field: 'attributes.n', op: 'lt', value: 'x' }] } } },
    'invalid_request',
    'audience.filter.all.0.value',
  ],
  [{ variables: { name: 'email' } }, 'invalid_request', 'variables.name'],
  [{ variables: { name: 'attributes.' } }, 'invalid_request', 'variables.name'],
  [{ holdout_percent: 51 }, 'invalid_request', 'holdout_percent'],
  [{ throttle_per_minute: 0 }, 'invalid_request', 'throttle_per_minute'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, 'invalid_request', 'expires_at'],
  [{ route: ['email'] }, 'invalid_request', 'route'],
  [{ channel: undefined, route: ['email', 'email'] }, 'invalid_request', 'route'],
  [{ variants: [{ key: 'a', template: 'none', weight: 1 }] }, 'unknown_template', 'variants.0.template'],
  [{ variants: [{ key: 'a', template: 'news', weight: 0 }] }, 'invalid_request', 'variants.0.weight'],
  [
    {
      variants: [
        { key: 'a', template: 'news' },
        { key: 'a', template: 'news' },
      ],
    },
    'invalid_request',
    'variants',
  ],
  [{ nam: 'x' }, 'invalid_request', 'nam'],
])('the campaign %j is refused as %s at %s', async (change, code, path) => {
  const { status, body } = await create(change);
  expect(body).toMatchObject({ code, errors: [{ path }] });
  expect(status).toBe(422);
});

describe('a change', () => {
  test('of a draft replaces what it names; null takes a member away', async () => {
    const id = await created({ throttle_per_minute: 100 });
    const changed = await patch(id, { name: 'Summer', throttle_per_minute: null, data: { a: 1 } });
    expect(changed).toMatchObject({
      status: 200,
      body: { name: 'Summer', throttle_per_minute: null, data: { a: 1 }, template: 'news', version: 2 },
    });
    expect((await patch(id, { name: 'Summer' })).body.version).toBe(2);
  });

  test('that starts from an older version is refused with what is there now', async () => {
    const id = await created();
    const etag = (await request('GET', `/v1/campaigns/${id}`)).headers.get('etag')!;
    expect((await patch(id, { name: 'A' }, { 'if-match': etag })).status).toBe(200);
    expect(await patch(id, { name: 'B' }, { 'if-match': etag })).toMatchObject({
      status: 409,
      body: { code: 'conflict', current: { name: 'A' } },
    });
  });

  test('of a scheduled campaign makes it a draft without review, unless it is the name or the throttle', async () => {
    const id = await scheduled();
    expect((await patch(id, { name: 'Renamed', throttle_per_minute: 60 })).body.state).toBe('scheduled');
    expect((await request('GET', `/v1/campaigns/${id}/review`)).status).toBe(200);
    const { body } = await patch(id, { data: { a: 1 } });
    expect(body).toMatchObject({ state: 'draft', starts_at: null, content: null });
    expect((await request('GET', `/v1/campaigns/${id}/review`)).status).toBe(404);
  });

  test('of a running campaign is its throttle, and nothing else', async () => {
    const id = await scheduled();
    await launch(id);
    expect((await patch(id, { throttle_per_minute: 60 })).body).toMatchObject({
      state: 'running',
      throttle_per_minute: 60,
    });
    expect(await patch(id, { data: { a: 1 } })).toMatchObject({
      status: 409,
      body: { code: 'invalid_state' },
    });
    await post(id, 'cancel');
    expect(await patch(id, { throttle_per_minute: 61 })).toMatchObject({ status: 409 });
  });
});

describe('scheduling', () => {
  test('pins the template version, reviews where nobody has, and repeats as nothing', async () => {
    const id = await created();
    const { body } = await post(id, 'schedule', { send_at: `${SEND_DAY}T09:00:00Z` });
    expect(body).toMatchObject({
      state: 'scheduled',
      starts_at: `${SEND_DAY}T09:00:00.000Z`,
      schedule: { send_at: `${SEND_DAY}T09:00:00Z`, in_recipient_time_zone: false, late: 'now' },
      content: [{ variant: 'default', template: 'news', version: 1 }],
    });
    expect((await request('GET', `/v1/campaigns/${id}/review`)).body).toMatchObject({
      state: 'done',
      of: { matched: 3, reachable: { email: 3 } },
    });
    await post(id, 'schedule', { send_at: `${SEND_DAY}T09:00:00Z` });
    expect(await audited(id)).toEqual(['campaign.create', 'campaign.schedule']);
    const later = await post(id, 'schedule', { send_at: `${DAY_AFTER}T09:00:00Z` });
    expect(later.body).toMatchObject({ state: 'scheduled', starts_at: `${DAY_AFTER}T09:00:00.000Z` });
  });

  test('at a local time begins when it is that time in the first zone', async () => {
    const id = await created();
    const { body } = await post(id, 'schedule', {
      send_at: `${SEND_DAY}T09:00:00`,
      in_recipient_time_zone: true,
      late: 'skip',
    });
    expect(body).toMatchObject({
      starts_at: `${DAY_BEFORE}T19:00:00.000Z`,
      schedule: { send_at: `${SEND_DAY}T09:00:00`, in_recipient_time_zone: true, late: 'skip' },
    });
  });

  test('numbers the texts of variants in their order', async () => {
    await insertTemplate(api.db.sql, appId, { key: 'short' });
    const id = await created({
      variants: [
        { key: 'long', template: 'news', weight: 3 },
        { key: 'short', template: 'short' },
      ],
    });
    await post(id, 'schedule');
    const [row] = await api.db.sql`select content from campaigns where id = ${id}`;
    expect(row!['content']).toMatchObject([
      { variant: 1, key: 'long', template: 'news' },
      { variant: 2, key: 'short', template: 'short' },
    ]);
    expect((await get(id)).variants).toMatchObject([
      { key: 'long', weight: 3, counts: { made: 0 } },
      { key: 'short', weight: 1 },
    ]);
    // As the slices and the recording count them.
    await api.db.sql`
      insert into count_changes (origin_id, variant, bucket, n)
      values (${id}, 0, 'planned', 600), (${id}, 1, 'made', 300), (${id}, 1, 'delivered', 290), (${id}, 1, 'failed', 10),
        (${id}, 2, 'made', 300), (${id}, 2, 'delivered', 150), (${id}, 2, 'failed', 150)`;
    // Another process: this one has looked within the second.
    const other = await apiUnderTest(database.url);
    const { body } = await other.request('GET', `/v1/campaigns/${id}`, undefined, { key });
    await other.close();
    expect(body.variants).toMatchObject([{ counts: { delivered: 290 } }, { counts: { delivered: 150 } }]);
    expect(body.verdicts).toMatchObject([
      {
        metric: 'delivered',
        verdict: 'decided',
        best: 'long',
        arms: [{ key: 'long', count: 290, of: 300 }, {}],
      },
      { metric: 'failed', verdict: 'decided', best: 'long' },
    ]);
  });

  test('is refused for what is not complete, by name', async () => {
    const { body } = await request('POST', '/v1/campaigns', { name: 'An idea' });
    const refused = await post(body.id, 'schedule');
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'template',
      'channel',
      'audience',
    ]);
  });

  test.each([
    ['2020-01-01T00:00:00Z', false, /has passed/],
    ['2020-01-01T00:00:00', true, /has passed in every time zone/],
    ['2099-01-01T00:00:00Z', false, /more than 366 days/],
    ['tomorrow', false, /not an RFC 3339 time/],
    [undefined, true, /is missing/],
  ])('for %s (local %s) is refused', async (send_at, in_recipient_time_zone, message) => {
    const id = await created();
    const { status, body } = await post(id, 'schedule', { send_at, in_recipient_time_zone });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ path: 'send_at' }] });
    expect(body.detail).toMatch(message);
  });

  test('is refused after the expiry', async () => {
    const id = await created({ expires_at: `${SEND_DAY}T00:00:00Z` });
    const { body } = await post(id, 'schedule', { send_at: `${SEND_DAY}T09:00:00Z` });
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ path: 'send_at' }] });
  });

  test('of a campaign that would reach nobody is refused with the counts', async () => {
    await api.db.sql`delete from contact_points where app_id = ${appId}`;
    const id = await created();
    const refused = await post(id, 'schedule');
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'empty_audience',
        errors: [{ path: 'audience' }],
        counts: { matched: 3, no_contact_point: 3, reachable: { email: 0 } },
      },
    });
    // The review refuses, but people change without voiding it.
    await api.db.sql`
      insert into contact_points (app_id, environment, recipient_id, kind, address)
      values (${appId}, 'test', 'p0000000', 'email', 'back@example.test')`;
    expect((await post(id, 'schedule')).status).toBe(200);
  });

  test('of a campaign whose variables nobody has is refused with the counts', async () => {
    await insertTemplate(api.db.sql, appId, { key: 'personal', required: ['name', 'code'] });
    const id = await created({ template: 'personal', variables: { name: 'attributes.name' } });
    expect(await post(id, 'schedule')).toMatchObject({
      status: 422,
      body: { code: 'missing_variables', counts: { missing_variable: { code: 3 } } },
    });
    await patch(id, { data: { code: 'A' } });
    expect((await post(id, 'schedule')).status).toBe(200);
  });

  test('of a template that has only a draft is refused', async () => {
    const draft = { email: { en: { subject: 'S', text: 'T' } } };
    expect((await request('PUT', '/v1/templates/new/draft', { channels: draft })).status).toBeLessThan(300);
    const id = await created({ template: 'new' });
    expect(await post(id, 'schedule')).toMatchObject({
      status: 422,
      body: { code: 'not_published', errors: [{ path: 'template' }] },
    });
  });

  test('with a review that is not of what is there now is refused', async () => {
    const id = await created();
    const { body } = await post(id, 'review');
    expect((await post(id, 'schedule', { review_id: body.id })).status).toBe(200);
    await patch(id, { data: { a: 1 } });
    expect(await post(id, 'schedule', { review_id: body.id })).toMatchObject({
      status: 409,
      body: { code: 'stale_review' },
    });
  });

  test('happens once if two do it at once', async () => {
    const id = await created();
    const both = await Promise.all([post(id, 'schedule'), post(id, 'schedule')]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await audited(id)).filter((action) => action === 'campaign.schedule')).toHaveLength(1);
  });

  test('and a change at once end as one after the other', async () => {
    const id = await created();
    const [schedule, change] = await Promise.all([post(id, 'schedule'), patch(id, { data: { a: 1 } })]);
    expect(change.status).toBe(200);
    if (schedule.status === 200) {
      // Then the change was first and was reviewed with it, or came after and made it a draft.
      const { state, data } = await get(id);
      expect(data).toEqual({ a: 1 });
      expect(['draft', 'scheduled']).toContain(state);
      const [row] = await api.db.sql`select content from campaigns where id = ${id}`;
      expect(row!['content'] === null).toBe(state === 'draft');
    } else expect(schedule).toMatchObject({ status: 409, body: { code: 'stale_review' } });
  });
});

describe('pause, resume and cancel', () => {
  test('move the campaign and its stop together, each once', async () => {
    const id = await scheduled();
    await launch(id);
    for (let n = 0; n < 2; n += 1)
      expect(await post(id, 'pause', { reason: 'a wrong link' })).toMatchObject({
        status: 200,
        body: { state: 'paused', reason: 'a wrong link' },
      });
    expect(await stopOf(id)).toBe('paused');
    for (let n = 0; n < 2; n += 1)
      expect(await post(id, 'resume')).toMatchObject({
        status: 200,
        body: { state: 'running', reason: null },
      });
    expect(await stopOf(id)).toBeNull();
    for (let n = 0; n < 2; n += 1)
      expect(await post(id, 'cancel')).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await stopOf(id)).toBe('cancelled');
    expect(await audited(id)).toEqual([
      'campaign.create',
      'campaign.schedule',
      'campaign.pause',
      'campaign.resume',
      'campaign.cancel',
    ]);
    const refused = await post(id, 'resume');
    expect(refused).toMatchObject({ status: 409, body: { code: 'invalid_state' } });
    expect(refused.body.detail).toContain('is cancelled; only a campaign that is paused can be resumed');
  });

  test('of a campaign that has not started keep it from starting, until it is resumed', async () => {
    const id = await scheduled();
    await post(id, 'pause');
    expect(await stateOf(id)).toBe('paused');
    expect((await post(id, 'resume')).body.state).toBe('scheduled');
    expect(await stopOf(id)).toBeNull();
    await post(id, 'cancel');
    expect(await stopOf(id)).toBeNull();
  });

  test('of a campaign whose audience is being frozen let it go on there, and not begin once more', async () => {
    const id = await scheduled();
    await launch(id);
    await api.db.sql`update campaigns set frozen_at = null, frozen_upto = 'p' where id = ${id}`;
    const startedAt = (await get(id)).started_at;
    await post(id, 'pause');
    expect((await post(id, 'resume')).body).toMatchObject({ state: 'running', started_at: startedAt });
    expect((await patch(id, { data: { a: 1 } })).status).toBe(409);
  });

  test('are refused for a draft, except to cancel it', async () => {
    const id = await created();
    for (const verb of ['pause', 'resume'])
      expect(await post(id, verb)).toMatchObject({ status: 409, body: { code: 'invalid_state' } });
    expect((await post(id, 'cancel')).body.state).toBe('cancelled');
  });

  test('at once end as cancelled', async () => {
    for (let n = 0; n < 5; n += 1) {
      const id = await scheduled();
      await launch(id);
      const [paused, cancelled] = await Promise.all([post(id, 'pause'), post(id, 'cancel')]);
      expect(cancelled.status).toBe(200);
      expect([200, 409]).toContain(paused.status);
      expect([await stateOf(id), await stopOf(id)]).toEqual(['cancelled', 'cancelled']);
    }
  });
});
