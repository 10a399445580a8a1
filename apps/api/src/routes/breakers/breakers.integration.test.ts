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

/** A breaker as a worker would have created or updated it. */
async function breaker(account: string, columns: Record<string, unknown> = {}): Promise<string> {
  const row = { account, channel: 'email', ...columns };
  await api.db.sql`insert into circuit_breakers ${api.db.sql(row as never)}`;
  return account;
}
const change = (verb: 'open' | 'close' | 'release', account: string, body?: unknown, key?: string) =>
  api.request('POST', `/v1/breakers/${account}/${verb}`, body, key === undefined ? {} : { key });
const rowOf = async (account: string) =>
  (await api.db.sql`select * from circuit_breakers where account = ${account}`)[0];
const auditOf = (account: string) =>
  api.db.sql<{ action: string; actor: string; app_id: string | null; detail: object }[]>`
    select action, actor, app_id, detail from audit_log where subject = ${`breaker:${account}`} order by id`;

const ACTOR = expect.stringMatching(/^key:[0-9a-f]{12}$/);
const soon = () => new Date(Date.now() + 30_000);

describe('holding', () => {
  test('open stops an account that was closed, records actor and reason, and removes its probe', async () => {
    const account = await breaker('resend');
    const answer = await change('open', account, { reason: 'their status page is red' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      account,
      channel: 'email',
      state: 'open',
      held_by: ACTOR,
      reason: 'their status page is red',
      changed_at: expect.any(String),
      probe_at: null,
    });
    expect(await rowOf(account)).toMatchObject({ state: 'open', held_by: ACTOR, probe_at: null });
    expect(await auditOf(account)).toMatchObject([
      {
        action: 'breaker.hold',
        actor: ACTOR,
        app_id: null,
        detail: { state: 'open', reason: 'their status page is red', from: 'closed', was_held_by: null },
      },
    ]);
  });

  test('close overrides a breaker that opened automatically, and resets its counts', async () => {
    const opened = { state: 'open', reason: '40 % failed', probe_at: soon(), cool_down_seconds: 40 };
    const account = await breaker('twilio-eu', opened);
    const answer = await change('close', account, { reason: 'a false alarm' });
    expect(answer.body).toMatchObject({ state: 'closed', held_by: ACTOR, probe_at: null });
    expect(await rowOf(account)).toMatchObject({ state: 'closed', cool_down_seconds: 0, probe_at: null });
  });

  test('a half-open one can be held either way', async () => {
    for (const [verb, state] of [
      ['open', 'open'],
      ['close', 'closed'],
    ] as const) {
      const account = await breaker(`half-${verb}`, { state: 'half_open' });
      expect((await change(verb, account, { reason: 'x' })).body.state).toBe(state);
    }
  });

  test('repeating it changes nothing; another reason or state does, and each change is audited', async () => {
    const account = await breaker('again');
    const first = await change('open', account, { reason: 'one' });
    expect((await change('open', account, { reason: 'one' })).body).toEqual(first.body);
    expect((await change('open', account, { reason: 'two' })).body.reason).toBe('two');
    expect((await change('close', account, { reason: 'three' })).body.state).toBe('closed');
    expect(await auditOf(account)).toMatchObject([
      { detail: { state: 'open', reason: 'one' } },
      { detail: { state: 'open', reason: 'two' } },
      { detail: { state: 'closed', reason: 'three', from: 'open', was_held_by: ACTOR } },
    ]);
  });

  test.each<[string, unknown]>([
    ['no body', undefined],
    ['no reason', {}],
    ['an empty reason', { reason: '' }],
    ['a reason of two lines', { reason: 'a\nb' }],
    ['a reason without end', { reason: 'x'.repeat(501) }],
    ['an unknown field', { reason: 'x', until: '2099-01-01T00:00:00Z' }],
  ])('with %s is refused and changes nothing', async (what, body) => {
    const account = await breaker(`refused-${what.replaceAll(' ', '-')}`);
    const before = await rowOf(account);
    for (const verb of ['open', 'close'] as const) {
      expect((await change(verb, account, body)).status).toBe(422);
    }
    expect(await rowOf(account)).toEqual(before);
    expect(await auditOf(account)).toEqual([]);
  });
});

describe('releasing', () => {
  test('one held open keeps it open until the probe that is due now', async () => {
    const account = await breaker('held-open');
    await change('open', account, { reason: 'maintenance' });
    const answer = await change('release', account, { reason: 'they are back' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      state: 'open',
      held_by: null,
      reason: 'released by hand: they are back',
    });
    const [due] = await api.db.sql`
      select probe_at <= now() as due from circuit_breakers where account = ${account}`;
    expect(due).toEqual({ due: true });
    expect(await auditOf(account)).toMatchObject([
      { action: 'breaker.hold' },
      {
        action: 'breaker.release',
        actor: ACTOR,
        app_id: null,
        detail: { state: 'open', was_held_by: ACTOR },
      },
    ]);
  });

  test('one held closed leaves it closed, without a probe', async () => {
    const account = await breaker('held-closed');
    await change('close', account, { reason: 'x' });
    expect((await change('release', account)).body).toMatchObject({
      state: 'closed',
      held_by: null,
      reason: 'released by hand',
      probe_at: null,
    });
  });

  test('one that is not held changes nothing: its own probe keeps its time', async () => {
    const probeAt = soon();
    const account = await breaker('free', { state: 'open', reason: '12 % failed', probe_at: probeAt });
    const before = await rowOf(account);
    const answer = await change('release', account, {});
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      state: 'open',
      reason: '12 % failed',
      probe_at: probeAt.toISOString(),
    });
    expect(await rowOf(account)).toEqual(before);
    expect(await auditOf(account)).toEqual([]);
  });
});

test.each(['open', 'close', 'release'] as const)(
  '%s of an account that no worker has entered is answered 404',
  async (verb) => {
    const answer = await change(verb, 'nobody', { reason: 'x' });
    expect(answer.status).toBe(404);
    expect(answer.body.detail).toContain('GET /v1/breakers');
    expect(await auditOf('nobody')).toEqual([]);
  },
);

test('GET /v1/breakers pages by account without gaps or repeats', async () => {
  const [{ count }] = await api.db.sql<
    [{ count: number }]
  >`select count(*)::int as count from circuit_breakers`;
  await breaker('zz', { channel: 'sms', state: 'half_open' });
  const seen: { account: string }[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await api.request('GET', `/v1/breakers?limit=3${query}`);
    expect(page.status).toBe(200);
    seen.push(...page.body.data);
    cursor = page.body.next_cursor;
  } while (cursor !== null);
  expect(seen.at(-1)).toMatchObject({ account: 'zz', channel: 'sms', state: 'half_open', held_by: null });
  const accounts = seen.map(({ account }) => account);
  expect(accounts).toEqual([...new Set(accounts)].sort());
  expect(accounts).toHaveLength(count + 1);
});

describe('authorization', () => {
  test('only a key with a scope for providers sees or changes a breaker', async () => {
    const account = await breaker('guarded');
    const key = await api.key({
      scopes: ['notifications:write', 'notifications:read', 'recipients:*', 'templates:*', 'webhooks:*'],
    });
    expect((await api.request('GET', '/v1/breakers', undefined, { key })).status).toBe(403);
    for (const verb of ['open', 'close', 'release'] as const) {
      const answer = await change(verb, account, { reason: 'x' }, key);
      expect(answer.status).toBe(403);
      expect(answer.body.detail).toContain('needs providers:hold');
    }
    expect(await rowOf(account)).toMatchObject({ state: 'closed', held_by: null });
  });

  test('a test key may read but not stop live traffic, whatever its scopes', async () => {
    const account = await breaker('live-only');
    const key = await api.key({ environment: 'test' });
    expect((await api.request('GET', '/v1/breakers', undefined, { key })).status).toBe(200);
    for (const verb of ['open', 'close', 'release'] as const) {
      const answer = await change(verb, account, { reason: 'x' }, key);
      expect(answer.status).toBe(403);
      expect(answer.body.code).toBe('wrong_environment');
    }
    expect(await rowOf(account)).toMatchObject({ state: 'closed', held_by: null });
  });
});
