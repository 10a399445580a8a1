import { randomUUID } from 'node:crypto';
import { HORIZON_MS } from '@carillon/core/notification/horizon';
import { mayMove, STATES, type State } from '@carillon/core/notification/states';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { releaseScheduled } from '@carillon/db/outbox/scheduled';
import { WAKE_CHANNEL } from '@carillon/db/outbox/wake';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';
import { until } from '../../../../../test/support/until.ts';

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

type Verb = 'cancel' | 'reschedule' | 'retry';
const move = (verb: Verb, id: string, body?: unknown, as = key) =>
  api.request('POST', `/v1/notifications/${id}/${verb}`, body, { key: as });

/** A notification in any state, as the pipeline would have left it. */
async function inState(state: State, over: { expiresAt?: Date } = {}): Promise<string> {
  const id = await insertNotification(api.db.sql, { appId: api.appId, announced: false, ...over });
  const waiting = state === 'scheduled' || state === 'retrying';
  const tried = !['scheduled', 'pending', 'queued'].includes(state);
  await api.db.sql`
    update notifications set state = ${state},
      next_attempt_at = ${waiting ? new Date(Date.now() + 3_600_000) : null},
      send_at = ${state === 'scheduled' ? new Date(Date.now() + 3_600_000) : null},
      queued_at = ${tried || state === 'queued' ? new Date() : null},
      attempt_count = ${tried ? 5 : 0}, tries = ${tried ? 5 : 0}, provider = ${tried ? 'smtp' : null},
      error_code = ${tried ? 'x' : null}, error = ${tried ? 'x' : null},
      lease_token = ${state === 'sending' ? randomUUID() : null},
      lease_until = ${state === 'sending' ? new Date(Date.now() + 60_000) : null}
    where id = ${id}`;
  return id;
}

interface Row {
  state: State;
  send_at: Date | null;
  next_attempt_at: Date | null;
  queued_at: Date | null;
  tries: number;
  attempt_count: number;
  error_code: string | null;
}
const rowOf = async (id: string): Promise<Row> =>
  (await api.db.sql<[Row]>`select * from notifications where id = ${id}`)[0];
const outboxOf = (id: string) =>
  api.db.sql<{ kind: string; lane: string; available_at: Date | null }[]>`
    select kind, lane, available_at from outbox where ${id}::uuid = any (ids)`;
const historyOf = (id: string) =>
  api.db.sql<{ state: string; actor: string; reason: string; detail: { from: string } }[]>`
    select state, actor, reason, detail from notification_history where notification_id = ${id} order by id`;
const auditOf = (id: string) =>
  api.db.sql<{ action: string; actor: string; app_id: string }[]>`
    select action, actor, app_id from audit_log where subject = ${`notification:${id}`} order by id`;
const claim = (id: string) =>
  claimNotifications(api.db.sql, [id], {
    channel: 'email',
    provider: 'smtp',
    leaseToken: randomUUID(),
    leaseMs: 30_000,
  });

describe('cancel', () => {
  test.each(STATES.filter((state) => state !== 'cancelled'))(
    'from %s follows the transition table',
    async (state) => {
      const id = await inState(state);
      const before = await rowOf(id);
      const answer = await move('cancel', id);
      if (mayMove(state, 'cancelled')) {
        expect(answer.status).toBe(200);
        expect(answer.body).toMatchObject({ id, status: 'cancelled' });
        expect(await rowOf(id)).toMatchObject({ state: 'cancelled', next_attempt_at: null });
        expect(await claim(id)).toEqual([]);
        expect(await historyOf(id)).toMatchObject([{ state: 'cancelled', detail: { from: state } }]);
        expect(await auditOf(id)).toMatchObject([{ action: 'notification.cancel', app_id: api.appId }]);
      } else {
        expect(answer.status).toBe(409);
        expect(answer.body).toMatchObject({
          code: 'invalid_state',
          detail: expect.stringContaining(`is ${state}`),
        });
        expect(await rowOf(id)).toEqual(before);
        expect(await historyOf(id)).toEqual([]);
        expect(await auditOf(id)).toEqual([]);
      }
    },
  );

  test('a second time is answered 200 and changes nothing', async () => {
    const id = await inState('queued');
    const first = await move('cancel', id);
    const second = await move('cancel', id);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(await auditOf(id)).toHaveLength(1);
  });

  test('and a concurrent claim: exactly one of them wins', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const id = await inState('queued');
        const [cancelled, claimed] = await Promise.all([move('cancel', id), claim(id)]);
        return {
          cancelled: cancelled.status === 200,
          claimed: claimed.length === 1,
          state: (await rowOf(id)).state,
        };
      }),
    );
    for (const { cancelled, claimed, state } of outcomes) {
      expect(cancelled).not.toBe(claimed);
      expect(state).toBe(cancelled ? 'cancelled' : 'sending');
    }
  });
});

describe('reschedule', () => {
  const hence = (ms: number) => new Date(Date.now() + ms);

  test.each(STATES)('from %s is allowed only before sending begins', async (state) => {
    const id = await inState(state);
    const sendAt = hence(86_400_000);
    const answer = await move('reschedule', id, { send_at: sendAt.toISOString() });
    if (['scheduled', 'pending', 'queued'].includes(state)) {
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ id, status: 'scheduled', send_at: sendAt.toISOString() });
      expect(await rowOf(id)).toMatchObject({ state: 'scheduled', send_at: sendAt, next_attempt_at: sendAt });
      expect(await historyOf(id)).toMatchObject([{ state: 'scheduled', detail: { from: state } }]);
      expect(await auditOf(id)).toMatchObject([{ action: 'notification.reschedule' }]);
    } else {
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain(`is ${state}`);
      expect((await rowOf(id)).state).toBe(state);
    }
  });

  test('beyond the horizon writes no outbox row: the promoter announces it when its time approaches', async () => {
    const id = await inState('queued');
    await move('reschedule', id, { send_at: hence(HORIZON_MS + 60_000).toISOString() });
    expect(await outboxOf(id)).toEqual([]);
    await releaseScheduled(api.db.sql, [id], HORIZON_MS);
    expect(await outboxOf(id)).toEqual([]);
    await releaseScheduled(api.db.sql, [id], HORIZON_MS + 120_000);
    expect(await outboxOf(id)).toHaveLength(1);
    expect(await claim(id)).toEqual([]);
  });

  test('within the horizon announces it at once for its time, and the promoter does not announce it again', async () => {
    const id = await inState('queued');
    const sendAt = hence(60_000);
    await move('reschedule', id, { send_at: sendAt.toISOString() });
    const announced = [{ kind: 'delivery.resumed', lane: 'email-normal', available_at: sendAt }];
    expect(await outboxOf(id)).toEqual(announced);
    await releaseScheduled(api.db.sql, [id], HORIZON_MS);
    expect(await outboxOf(id)).toEqual(announced);
    expect(await claim(id)).toEqual([]);
  });

  test('into the past means now', async () => {
    const id = await inState('scheduled');
    expect((await move('reschedule', id, { send_at: '2020-01-01T00:00:00Z' })).status).toBe(200);
    expect(await outboxOf(id)).toHaveLength(1);
    expect(await claim(id)).toHaveLength(1);
  });

  test('to a time at which it has expired is refused and changes nothing', async () => {
    const id = await inState('scheduled', { expiresAt: hence(3_600_000) });
    const before = await rowOf(id);
    const answer = await move('reschedule', id, { send_at: hence(7_200_000).toISOString() });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe('send_at');
    expect(await rowOf(id)).toEqual(before);
  });

  test('shifts an expiry that was given in seconds, and keeps one that was given as a time', async () => {
    const accepted = async (more: object): Promise<string> => {
      const message = {
        to: { email: 'ada@example.test' },
        channel: 'email',
        content: { subject: 'Hi', text: 'Hi' },
      };
      const sendAt = hence(3_600_000).toISOString();
      const { body } = await api.request(
        'POST',
        '/v1/notifications',
        { ...message, send_at: sendAt, ...more },
        { key },
      );
      return body.id;
    };
    const expiryOf = async (id: string) =>
      (await api.db.sql<[{ expires_at: Date }]>`select expires_at from notifications where id = ${id}`)[0]
        .expires_at;
    const living = await accepted({ ttl_seconds: 300 });
    for (const hours of [5, 2]) {
      const sendAt = hence(hours * 3_600_000);
      expect((await move('reschedule', living, { send_at: sendAt.toISOString() })).status).toBe(200);
      expect((await expiryOf(living)).getTime()).toBe(sendAt.getTime() + 300_000);
    }
    await move('reschedule', living, { send_at: '2020-01-01T00:00:00Z' });
    expect((await expiryOf(living)).getTime()).toBeGreaterThan(Date.now() + 200_000);
    const end = hence(7_200_000);
    const fixed = await accepted({ expires_at: end.toISOString() });
    const late = await move('reschedule', fixed, { send_at: hence(7_200_000).toISOString() });
    expect(late.status).toBe(422);
    expect((await move('reschedule', fixed, { send_at: hence(1_800_000).toISOString() })).status).toBe(200);
    expect(await expiryOf(fixed)).toEqual(end);
  });

  test.each([
    ['no time', {}],
    ['a time without zone', { send_at: '2099-01-01T00:00:00' }],
    ['an unknown field', { send_at: '2099-01-01T00:00:00Z', when: 1 }],
  ])('with %s is refused', async (_, body) => {
    const id = await inState('scheduled');
    expect((await move('reschedule', id, body)).status).toBe(422);
  });
});

describe('retry', () => {
  test.each<State>(['dead', 'failed'])(
    'a %s one of a secret category says why it is not retried',
    async (state) => {
      const id = await inState(state);
      await api.db.sql`update notifications set content = '{}', redacted_at = now() where id = ${id}`;
      const answer = await move('retry', id, { accept_duplicate_risk: true });
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({
        code: 'invalid_state',
        detail: expect.stringContaining('its texts were removed at'),
      });
      expect(await rowOf(id)).toMatchObject({ state });
    },
  );

  test.each(STATES)('from %s starts a new cycle only where one ended without success', async (state) => {
    const id = await inState(state);
    const answer = await move('retry', id, { accept_duplicate_risk: true });
    if (['dead', 'failed', 'in_doubt'].includes(state)) {
      expect(answer.status).toBe(200);
      expect(answer.body.status).toBe('pending');
      expect(await rowOf(id)).toMatchObject({
        state: 'pending',
        tries: 0,
        attempt_count: 5,
        error_code: null,
      });
      expect(await outboxOf(id)).toEqual([
        { kind: 'delivery.resumed', lane: 'email-normal', available_at: null },
      ]);
      expect(await historyOf(id)).toMatchObject([{ state: 'pending', detail: { from: state } }]);
      expect(await auditOf(id)).toMatchObject([
        { action: 'notification.retry', actor: expect.stringMatching(/^key:/) },
      ]);
      expect(await claim(id)).toMatchObject([{ attempt_count: 6, tries: 1 }]);
    } else {
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain(`is ${state}`);
      expect((await rowOf(id)).state).toBe(state);
      expect(await outboxOf(id)).toEqual([]);
    }
  });

  test('of one in doubt needs accept_duplicate_risk', async () => {
    const id = await inState('in_doubt');
    for (const body of [undefined, {}, { accept_duplicate_risk: false }]) {
      const answer = await move('retry', id, body);
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain('accept_duplicate_risk');
    }
    expect((await rowOf(id)).state).toBe('in_doubt');
    expect(await outboxOf(id)).toEqual([]);
  });

  test('twice concurrently starts one cycle', async () => {
    const id = await inState('dead');
    const answers = await Promise.all([move('retry', id), move('retry', id), move('retry', id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await outboxOf(id)).toHaveLength(1);
  });

  test('of an expired one is refused, because it could only expire', async () => {
    const id = await inState('dead', { expiresAt: new Date(Date.now() - 1000) });
    const answer = await move('retry', id);
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toContain('expired at');
    expect((await rowOf(id)).state).toBe('dead');
  });

  test('wakes the relays after the commit', async () => {
    const woken: string[] = [];
    const listening = await api.db.sql.listen(WAKE_CHANNEL, (priority) => woken.push(priority));
    await move('retry', await inState('dead'));
    await until('the relays to be woken', () => woken.includes('normal'));
    await listening.unlisten();
  });
});

describe('a foreign notification cannot be moved', () => {
  test.each(['another app', 'the other environment', 'a key without the scope'])('by %s', async (who) => {
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
    const foreign =
      who === 'another app'
        ? await api.key({ appId: other.id, environment: 'test' })
        : who === 'the other environment'
          ? await api.key({ environment: 'live' })
          : await api.key({
              environment: 'test',
              scopes: ['notifications:read', 'recipients:*', 'templates:*'],
            });
    for (const [verb, state, body] of [
      ['cancel', 'queued', undefined],
      ['reschedule', 'queued', { send_at: '2099-01-01T00:00:00Z' }],
      ['retry', 'dead', undefined],
    ] as const) {
      const id = await inState(state);
      const answer = await move(verb, id, body, foreign);
      expect([verb, answer.status]).toEqual([verb, who === 'a key without the scope' ? 403 : 404]);
      expect((await rowOf(id)).state).toBe(state);
      expect(await auditOf(id)).toEqual([]);
    }
  });
});
