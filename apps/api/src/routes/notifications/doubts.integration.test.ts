import { randomUUID } from 'node:crypto';
import { STATES, type State } from '@carillon/core/notification/states';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';
import { guardTransitions } from '../../../../../test/support/transition-guard.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  key = await api.key({ environment: 'test' });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const post = (verb: 'mark-sent' | 'retry', id: string, body?: unknown, as = key) =>
  api.request('POST', `/v1/notifications/${id}/${verb}`, body, { key: as });
const seen = async (id: string) =>
  (await api.request('GET', `/v1/notifications/${id}`, undefined, { key })).body;

interface Ended {
  state: State;
  /** Outcomes of its attempts, the last one last. */
  outcomes: string[];
  expiresAt?: Date;
  nextAttemptAt?: Date;
}

/** A notification with these attempt outcomes, as the pipeline and the resolver would have left it. */
async function ended({ state, outcomes, expiresAt, nextAttemptAt }: Ended): Promise<string> {
  const { sql } = api.db;
  const id = await insertNotification(sql, {
    appId: api.appId,
    announced: false,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  for (const [index, outcome] of outcomes.entries()) {
    await sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, error_code,
        provider_message_id)
      values (${id}, ${index + 1}, 'written', 'email', 'sendgrid', now(), ${outcome},
        ${outcome === 'accepted' ? null : 'timeout'}, ${outcome === 'accepted' ? `sg-${index}` : null})`;
  }
  const waits = state === 'scheduled' || state === 'retrying' || nextAttemptAt !== undefined;
  await sql`
    update notifications set state = ${state}, attempt_count = ${outcomes.length}, tries = ${outcomes.length},
      provider = 'sendgrid', tried = array['resend'], error_code = 'timeout', error = 'no answer',
      next_attempt_at = ${waits ? (nextAttemptAt ?? new Date(Date.now() + 3_600_000)) : null},
      lease_token = ${state === 'sending' ? randomUUID() : null},
      lease_until = ${state === 'sending' ? new Date(Date.now() + 60_000) : null}
    where id = ${id}`;
  return id;
}

const rowOf = async (id: string) => (await api.db.sql`select * from notifications where id = ${id}`)[0]!;
const attemptOf = async (id: string, n: number) =>
  (await api.db.sql`select * from delivery_attempts where notification_id = ${id} and n = ${n}`)[0]!;
const auditOf = (id: string) =>
  api.db.sql<{ action: string; actor: string; detail: object }[]>`
    select action, actor, detail from audit_log where subject = ${`notification:${id}`} order by id`;

describe('mark-sent', () => {
  test('settles a doubt: it is sent, nothing is due any more, and the timeline names the actor', async () => {
    const nextAttemptAt = new Date(Date.now() + 60_000);
    const id = await ended({ state: 'in_doubt', outcomes: ['transient', 'in_doubt'], nextAttemptAt });
    const answer = await post('mark-sent', id, { note: 'seen in their console' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, status: 'sent' });
    expect(await rowOf(id)).toMatchObject({
      state: 'sent',
      next_attempt_at: null,
      tried: null,
      error_code: null,
      provider: 'sendgrid',
      provider_message_id: null,
    });
    const { timeline } = await seen(id);
    expect(timeline.at(-1)).toMatchObject({
      status: 'sent',
      actor: expect.stringMatching(/^key:/),
      reason: 'marked as sent by hand: seen in their console',
      detail: { from: 'in_doubt' },
    });
    const audit = await auditOf(id);
    expect(audit).toMatchObject([
      {
        action: 'notification.mark_sent',
        actor: expect.stringMatching(/^key:/),
        detail: { from: 'in_doubt' },
      },
    ]);
    expect(JSON.stringify(audit)).not.toContain('console');
  });

  test('leaves the attempt in doubt, because its answer was lost; a given id is stored in both', async () => {
    const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt', 'in_doubt'] });
    await post('mark-sent', id, { provider_message_id: 'sg-looked-up' });
    expect(await rowOf(id)).toMatchObject({ provider_message_id: 'sg-looked-up' });
    expect(await attemptOf(id, 2)).toMatchObject({
      outcome: 'in_doubt',
      error_code: 'timeout',
      provider_message_id: 'sg-looked-up',
    });
    expect(await attemptOf(id, 1)).toMatchObject({ outcome: 'in_doubt', provider_message_id: null });
  });

  test('never replaces an id that the provider returned', async () => {
    const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
    await api.db
      .sql`update delivery_attempts set provider_message_id = 'sg-own' where notification_id = ${id}`;
    await post('mark-sent', id, { provider_message_id: 'sg-typed' });
    expect(await attemptOf(id, 1)).toMatchObject({ provider_message_id: 'sg-own' });
    expect(await rowOf(id)).toMatchObject({ provider_message_id: 'sg-own' });
  });

  test('without an id stores none: that of an earlier attempt is not this one’s', async () => {
    const id = await ended({ state: 'in_doubt', outcomes: ['accepted', 'in_doubt'] });
    await api.db.sql`update notifications set provider_message_id = 'sg-0' where id = ${id}`;
    expect((await post('mark-sent', id)).status).toBe(200);
    expect(await rowOf(id)).toMatchObject({ provider_message_id: null });
  });

  test('refuses the id of another message of that account: its receipts would move this one', async () => {
    const theirs = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
    await post('mark-sent', theirs, { provider_message_id: 'sg-theirs' });
    const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
    const answer = await post('mark-sent', id, { provider_message_id: 'sg-theirs' });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe('provider_message_id');
    expect(await rowOf(id)).toMatchObject({ state: 'in_doubt', provider_message_id: null });

    await api.db.sql`update delivery_attempts set provider = 'other-account' where notification_id = ${id}`;
    expect((await post('mark-sent', id, { provider_message_id: 'sg-theirs' })).status).toBe(200);
  });

  test('assigns one message to one of two doubts, also concurrently', async () => {
    for (let round = 0; round < 10; round++) {
      const message = { provider_message_id: `sg-raced-${round}` };
      const ids = await Promise.all([1, 2].map(() => ended({ state: 'in_doubt', outcomes: ['in_doubt'] })));
      const answers = await Promise.all(ids.map((id) => post('mark-sent', id, message)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    }
  });

  test('twice concurrently settles once; the second answer says that it is sent', async () => {
    const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
    const answers = await Promise.all([post('mark-sent', id), post('mark-sent', id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'invalid_state',
      detail: expect.stringContaining('is sent'),
    });
    expect(await auditOf(id)).toHaveLength(1);
  });

  test.each(STATES.filter((state) => state !== 'in_doubt'))(
    'of one that is %s is refused and changes nothing',
    async (state) => {
      const id = await ended({ state, outcomes: ['in_doubt'] });
      const before = await rowOf(id);
      const answer = await post('mark-sent', id, { provider_message_id: 'x' });
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain(`is ${state}`);
      expect(await rowOf(id)).toEqual(before);
      expect(await attemptOf(id, 1)).toMatchObject({ provider_message_id: null });
      expect(await auditOf(id)).toEqual([]);
    },
  );

  test.each<[string, unknown]>([
    ['an unknown field', { sent: true }],
    ['an empty id', { provider_message_id: '' }],
    ['a note of two lines', { note: 'a\nb' }],
  ])('with %s is refused', async (_, body) => {
    const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
    expect((await post('mark-sent', id, body)).status).toBe(422);
    expect(await rowOf(id)).toMatchObject({ state: 'in_doubt' });
  });

  test.each(['another app', 'the other environment', 'a key without the scope'])(
    'is nothing for %s',
    async (who) => {
      const [other] = await api.db.sql<
        [{ id: string }]
      >`insert into apps (name) values ('other') returning id`;
      const foreign =
        who === 'another app'
          ? await api.key({ appId: other.id, environment: 'test' })
          : who === 'the other environment'
            ? await api.key({ environment: 'live' })
            : await api.key({ environment: 'test', scopes: ['notifications:read', 'templates:*'] });
      const id = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
      const answer = await post('mark-sent', id, undefined, foreign);
      expect(answer.status).toBe(who === 'a key without the scope' ? 403 : 404);
      expect(await rowOf(id)).toMatchObject({ state: 'in_doubt' });
    },
  );
});

describe('retry of what may have arrived', () => {
  test.each<State>(['in_doubt', 'dead', 'failed'])(
    'a %s one whose last call is in doubt needs accept_duplicate_risk',
    async (state) => {
      const id = await ended({ state, outcomes: ['transient', 'in_doubt'] });
      const before = await rowOf(id);
      for (const body of [undefined, {}, { accept_duplicate_risk: false }]) {
        const answer = await post('retry', id, body);
        expect(answer.status).toBe(409);
        expect(answer.body.code).toBe('invalid_state');
        expect(answer.body.detail).toContain(`is ${state}`);
        expect(answer.body.detail).toContain('accept_duplicate_risk');
      }
      expect(await rowOf(id)).toEqual(before);
      expect(await api.db.sql`select 1 from outbox where ${id}::uuid = any (ids)`).toEqual([]);
      expect(await auditOf(id)).toEqual([]);
    },
  );

  test.each<State>(['in_doubt', 'dead', 'failed'])(
    'with accept_duplicate_risk a %s one gets a new attempt through any account',
    async (state) => {
      const nextAttemptAt = new Date(Date.now() + 3_600_000);
      const id = await ended({
        state,
        outcomes: ['in_doubt'],
        ...(state === 'in_doubt' ? { nextAttemptAt } : {}),
      });
      expect((await post('retry', id, { accept_duplicate_risk: true })).status).toBe(200);
      expect(await rowOf(id)).toMatchObject({
        state: 'pending',
        tries: 0,
        next_attempt_at: null,
        tried: null,
      });
      expect((await seen(id)).timeline.at(-1)).toMatchObject({
        reason: 'sent again by request: it may arrive twice',
        detail: { from: state, accept_duplicate_risk: true },
      });
      const lease = { leaseToken: randomUUID(), leaseMs: 30_000 };
      const claimed = await claimNotifications(api.db.sql, [id], {
        channel: 'email',
        provider: 'smtp',
        ...lease,
      });
      expect(claimed).toMatchObject([{ attempt_count: 2, tries: 1, tried: null }]);
      expect(await attemptOf(id, 1)).toMatchObject({ outcome: 'in_doubt' });
    },
  );

  test('a dead one whose doubt was followed by a certain failure needs no confirmation', async () => {
    const id = await ended({ state: 'dead', outcomes: ['in_doubt', 'transient'] });
    expect((await post('retry', id)).status).toBe(200);
    expect((await seen(id)).timeline.at(-1)).toMatchObject({ reason: 'retried by request' });
  });

  test('an expired one is refused for its expiry first, with or without confirmation', async () => {
    const id = await ended({ state: 'dead', outcomes: ['in_doubt'], expiresAt: new Date(Date.now() - 1000) });
    for (const body of [undefined, { accept_duplicate_risk: true }]) {
      const answer = await post('retry', id, body);
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain('expired at');
    }
  });
});

test('manual actions follow the transition table', async () => {
  const sent = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
  const again = await ended({ state: 'in_doubt', outcomes: ['in_doubt'] });
  await guardTransitions(api.db.sql);
  expect((await post('mark-sent', sent)).status).toBe(200);
  expect((await post('retry', again, { accept_duplicate_risk: true })).status).toBe(200);
});
