import { randomUUID } from 'node:crypto';
import { decideDoubt } from '@carillon/core/notification/doubt';
import { reopenAttempt } from '@carillon/db/attempts/late-answers';
import { doubtExpiredLeases } from '@carillon/db/attempts/leases';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { acceptDoubt, returnToDoubt } from '@carillon/db/doubts/decisions';
import { type DoubtRow, takeDoubts } from '@carillon/db/doubts/take-doubts';
import { markSent } from '@carillon/db/notifications/mark-sent';
import { retryNotification } from '@carillon/db/notifications/retry-notification';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ResolverUnderTest, resolverUnderTest } from '../../../../test/support/resolver-under-test.ts';
import { stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { factsOf } from './resolve/facts.ts';
import { noteOf } from './resolve/note.ts';
import { settle } from './resolve/settle.ts';
import { resolve } from './resolve.ts';

/** The resolver's steps by hand, cut off after each of them, and two resolvers at once. */
let it: ResolverUnderTest;
beforeAll(async () => {
  it = await resolverUnderTest();
});
afterAll(() => it.close());
beforeEach(async () => {
  await calm();
  it.settled.length = 0;
});
afterEach(() => expect(it.errors).toEqual([]));

const calm = () => fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
const lost = (provider: string) => it.simulator.behave({ provider, mode: 'accept_then_drop' });
const state = async (id: string) => (await stateOf(it.db.sql, id)).state;

async function doubt(account: string, given: Parameters<ResolverUnderTest['send']>[1] = {}): Promise<string> {
  await lost(account);
  const id = await it.send(account, given);
  await calm();
  expect(await state(id)).toBe('in_doubt');
  return id;
}

/** Takes this doubt as a resolver does, with its facts. */
async function take(id: string, holdMs = 60_000) {
  await it.age(id, 0);
  const rows = await takeDoubts(it.db.sql, ['critical', 'normal', 'bulk'], holdMs, 100);
  const row = rows.find((each) => each.id === id) as DoubtRow;
  const account = it.context.accounts.find((each) => each.id === row.provider)!;
  const facts = factsOf(row, account, it.context.categories.settingsFor(row.app_id, row.environment, null));
  return { row, account, facts };
}

async function reopen({ row, facts }: Awaited<ReturnType<typeof take>>, leaseMs: number) {
  const decision = decideDoubt(facts);
  if (decision.do !== 'repeat') throw new Error(`it would ${decision.do}`);
  const lease = { token: randomUUID(), ms: leaseMs };
  expect(await reopenAttempt(it.db.sql, row, lease, noteOf(row, facts, 'repeat', decision.reason))).toBe(
    true,
  );
  return lease;
}

const repeatCall = ({ row, account }: Awaited<ReturnType<typeof take>>) =>
  account.adapter.send(row.rendered!, {
    notificationId: row.id,
    attemptId: `${row.id}/${row.attempt_count}`,
    signal: AbortSignal.timeout(2000),
  });

async function rescueAndResolve(id: string) {
  expect(await doubtExpiredLeases(it.db.sql, 100)).toContain(id);
  expect(await stateOf(it.db.sql, id)).toMatchObject({
    state: 'in_doubt',
    next_attempt_at: expect.any(Date),
  });
  await it.age(id, 60);
  await it.resolveOnce();
}

test('a doubt whose resolver died before it did anything is looked at again when its hold ends', async () => {
  const id = await doubt('resend');
  await take(id, 200);
  expect(await it.resolveOnce()).toBe(0);
  await until('the hold to end', () => it.resolveOnce());
  expect(await state(id)).toBe('sent');
});

test('a resolver that died between taking the lease and the call leaves the same doubt, and one message', async () => {
  const id = await doubt('resend');
  const taken = await take(id);
  await reopen(taken, -1);
  const [attempt] = await it.db.sql`
    select n.state, a.outcome, a.started_at from notifications n
    join delivery_attempts a on a.notification_id = n.id where n.id = ${id}`;
  // As old as its key is.
  expect(attempt).toEqual({ state: 'sending', outcome: null, started_at: taken.row.started_at });
  await rescueAndResolve(id);
  expect(await stateOf(it.db.sql, id)).toMatchObject({ state: 'sent', attempt_count: 1 });
  expect(await it.accepted(id)).toHaveLength(1);
});

test('a resolver that died between the call and its record leaves the same doubt, and one message', async () => {
  const id = await doubt('resend');
  const taken = await take(id);
  await reopen(taken, -1);
  expect((await repeatCall(taken)).class).toBe('accepted');
  await rescueAndResolve(id);
  expect(await state(id)).toBe('sent');
  expect(await it.accepted(id)).toHaveLength(1);
});

test('a resolver that died after it received a key conflict receives it again', async () => {
  const id = await doubt('resend');
  const taken = await take(id);
  const { token } = await reopen(taken, 30_000);
  const conflict = {
    errorCode: 'invalid_idempotent_request',
    error: 'c',
    phase: 'answered',
    latencyMs: 1,
  } as const;
  const unsettled = { id, n: 1, leaseToken: token, ...conflict, lookInMs: 60_000 };
  expect(
    await returnToDoubt(it.db.sql, unsettled, noteOf(taken.row, taken.facts, 'wait', 'c')),
  ).not.toBeNull();
  await it.age(id, 60);
  await it.resolveOnce();
  expect(await state(id)).toBe('sent');
  expect(await it.accepted(id)).toHaveLength(1);
});

test('a late answer of the worker whose lease expired is evidence: of acceptance, or of refusal', async () => {
  const answers = [
    { outcome: 'accepted', state: 'sent', providerMessageId: 'late-1' },
    { outcome: 'transient', state: 'retrying', retryInMs: 0 },
  ] as const;
  const ids: string[] = [];
  for (const answer of answers) {
    const id = await doubt('smtp', { policy: 'at_most_once' });
    const ending = {
      id,
      n: 1,
      leaseToken: randomUUID(),
      phase: 'answered',
      provider: 'smtp',
      latencyMs: 1,
    } as const;
    expect(await recordOutcomes(it.db.sql, [{ ...ending, ...answer }])).toEqual(new Set());
    await it.age(id, 10);
    ids.push(id);
  }
  await it.resolveOnce();
  expect(await stateOf(it.db.sql, ids[0]!)).toMatchObject({ state: 'sent', provider_message_id: 'late-1' });
  expect(await state(ids[1]!)).toBe('pending');
  expect(it.settled.sort()).toEqual(['found', 'refused']);
});

test('a resolver that comes late, after a person has settled the doubt, moves and writes nothing', async () => {
  for (const account of ['resend', 'fcm', 'smtp']) {
    const id = await doubt(account);
    const { row } = await take(id);
    const tenant = { appId: it.appId, environment: 'test' } as const;
    expect(await markSent(it.db.sql, tenant, id, {}, 'staff:a@example.com')).toMatchObject({
      outcome: 'moved',
    });
    const before = await it.journal(id);
    await settle(row, it.context);
    expect(await state(id)).toBe('sent');
    expect(await it.journal(id)).toEqual(before);
    expect(await it.accepted(id)).toHaveLength(1);
  }
  expect(it.settled).toEqual([]);
});

test('two concurrent resolvers settle each doubt once', async () => {
  await Promise.all([lost('resend'), lost('fcm')]);
  const repeated = await Promise.all(Array.from({ length: 20 }, () => it.send('resend')));
  const resent = await Promise.all(Array.from({ length: 20 }, () => it.send('fcm')));
  await calm();
  for (const id of [...repeated, ...resent]) expect(await state(id)).toBe('in_doubt');
  const duties = [resolve(it.context, { batch: 3 }), resolve(it.context, { batch: 3 })];
  const counts = await Promise.all(duties.map((duty) => duty.runOnce()));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
  for (const id of repeated) expect(await state(id)).toBe('sent');
  for (const id of resent) expect(await state(id)).toBe('pending');
  const decided = await it.db.sql<{ id: string; decisions: string }[]>`
    select notification_id as id, string_agg(detail ->> 'decision', ' ' order by id) as decisions
    from notification_history where actor = 'resolver' and notification_id in ${it.db.sql([...repeated, ...resent])}
    group by notification_id`;
  for (const { id, decisions } of decided)
    expect(decisions).toBe(repeated.includes(id) ? 'repeat mark_sent' : 'send_again');
  expect(decided).toHaveLength(40);
  const announced = await it.db.sql`
    select ids from outbox where kind = 'delivery.resumed' and ids && ${resent}::uuid[]`;
  expect(announced).toHaveLength(20);
  for (const id of repeated) expect(await it.accepted(id)).toHaveLength(1);
});

test('of two looks at one doubt, the overtaken one moves and writes nothing', async () => {
  const id = await doubt('smtp');
  const { row: overtaken } = await take(id, 0);
  const { row } = await take(id);
  await settle(overtaken, it.context);
  expect((await stateOf(it.db.sql, id)).next_attempt_at).toEqual(row.fence);
  expect((await it.journal(id)).filter(({ actor }) => actor === 'resolver')).toEqual([]);
  await it.age(id, 3600);
  const { row: last } = await take(id);
  await Promise.all([settle(last, it.context), settle(last, it.context)]);
  expect(it.settled).toEqual(['held']);
});

test('of two doubts whose searches found the same message at once, one has it', async () => {
  const twins = await Promise.all(
    Array.from({ length: 12 }, async () => [await doubtful(), await doubtful()] as const),
  );
  await it.db.sql`update notifications set next_attempt_at = now() where id in ${it.db.sql(twins.flat())}`;
  const rows = await takeDoubts(it.db.sql, ['normal'], 60_000, 100);
  const found = await Promise.all(
    twins.flatMap((pair, index) =>
      pair.map(async (id) => {
        const row = rows.find((each) => each.id === id)!;
        const message = { providerMessageId: `SM${index}`, exclusive: true };
        const detail = { decision: 'mark_sent', attempt: 1, provider: row.provider } as const;
        return acceptDoubt(it.db.sql, row, message, { reason: 'found', detail });
      }),
    ),
  );
  for (const [index] of twins.entries())
    expect(found.slice(2 * index, 2 * index + 2).sort()).toEqual(['sent', 'taken']);

  async function doubtful() {
    await lost('twilio');
    return it.send('twilio');
  }
});

test('evidence that comes after a person has sent it again settles nothing', async () => {
  const id = await doubt('twilio');
  await it.db.sql`
    insert into provider_logs (provider_account, event_id, kind, notification_id, attempt, body)
    values ('twilio', ${id}, 'accepted', ${id}, 1, '{}')`;
  const { row } = await take(id);
  const tenant = { appId: it.appId, environment: 'test' } as const;
  expect(await retryNotification(it.db.sql, tenant, id, true, 'staff:a@example.com')).toMatchObject({
    outcome: 'moved',
  });
  await settle(row, it.context);
  expect(await state(id)).toBe('pending');
});

test('the same call is not made again if expires_at passes while it is prepared', async () => {
  await it.simulator.behave({ provider: 'resend', status: 500 });
  const id = await it.send('resend', { expiresAt: new Date(Date.now() + 60_000) });
  await calm();
  const { row } = await take(id);
  await it.db.sql`update notifications set expires_at = now() where id = ${id}`;
  await settle(row, it.context);
  expect(await state(id)).toBe('in_doubt');
  expect(await it.accepted(id)).toEqual([]);
});

test('while the policies are unknown, nothing is decided', async () => {
  const id = await doubt('fcm');
  const known = () => Promise.reject(new Error('PostgreSQL is away'));
  const unread = { ...it.context, categories: { ...it.context.categories, known } };
  await expect(resolve(unread).runOnce()).rejects.toThrow('away');
  expect(await state(id)).toBe('in_doubt');
});

test('while the breaker of its account is open, the same call is not made again', async () => {
  const id = await doubt('resend');
  const left: string[] = [];
  const closed = {
    admitted: false,
    state: 'open',
    why: 'the breaker of resend is open',
    retryInMs: 7000,
  } as const;
  const { row } = await take(id);
  await settle(row, {
    ...it.context,
    breakers: { ...it.context.breakers, admitsRepeat: () => closed, leftRepeat: (each) => left.push(each) },
  });
  expect(await state(id)).toBe('in_doubt');
  expect((await it.journal(id)).at(-1)).toMatchObject({ actor: 'resolver', reason: closed.why });
  expect(await it.accepted(id)).toHaveLength(1);
  await it.age(id, 0);
  await it.resolveOnce();
  expect(await state(id)).toBe('sent');
});
