import { addressHash } from '@carillon/core/recipient/suppression';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ResolverUnderTest, resolverUnderTest } from '../../../../test/support/resolver-under-test.ts';
import { stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';

let it: ResolverUnderTest;
beforeAll(async () => {
  it = await resolverUnderTest();
});
afterAll(() => it.close());
beforeEach(async () => {
  await fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  // Doubts of an earlier test must not become due in the middle of this one.
  await it.db.sql`update notifications set next_attempt_at = null where state = 'in_doubt'`;
  it.settled.length = 0;
});
afterEach(() => expect(it.errors).toEqual([]));

const order = (provider: string, behaviour: Record<string, unknown>) =>
  it.simulator.behave({ provider, ...behaviour });
const lost = (provider: string) => order(provider, { mode: 'accept_then_drop' });
const broken = (provider: string) => order(provider, { status: 500 });
const calm = () => fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
const state = async (id: string) => (await stateOf(it.db.sql, id)).state;
const row = (id: string) => stateOf(it.db.sql, id);
const announced = (id: string) => it.db.sql`select kind from outbox where ${id} = any (ids)`;
const decisions = async (id: string) =>
  (await it.journal(id)).filter(({ actor }) => actor === 'resolver').map(({ detail }) => detail?.decision);
/** Looks repeatedly: the simulator's clock is a real one. */
const settled = (...ids: string[]) =>
  until(`${ids} to be settled`, async () => {
    for (const id of ids) await it.age(id, 0);
    await it.resolveOnce();
    const states = await Promise.all(ids.map(state));
    return !states.includes('in_doubt');
  });
const LONG = 20 * 60;

describe('class A', () => {
  test('a call whose answer was lost is made again under the same key and is at the provider once', async () => {
    await lost('resend');
    const id = await it.send('resend');
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: expect.any(Date) });
    await calm();
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'sent', attempt_count: 1, tries: 1, provider: 'resend' });
    expect(await it.accepted(id)).toHaveLength(1);
    expect(it.settled).toEqual(['repeated']);
    expect(await decisions(id)).toEqual(['repeat', 'mark_sent']);
  });

  test('a call that never arrived is made by its repeat, and a generic provider is class A too', async () => {
    for (const account of ['resend', 'generic-email']) {
      await broken(account.split('-')[0]!);
      const id = await it.send(account);
      expect(await it.accepted(id)).toHaveLength(0);
      await calm();
      await it.resolveOnce();
      expect(await state(id)).toBe('sent');
      expect(await it.accepted(id)).toMatchObject([{ attempt_id: `${id}/1` }]);
    }
  });

  test('a call is not repeated by an account that may not carry it: one of another environment, one it does not name', async () => {
    await broken('resend');
    const [foreign, named] = [await it.send('resend', { priority: 'critical' }), await it.send('resend')];
    await calm();
    await it.db.sql`update notifications set options = '{"account": "smtp"}' where id = ${named}`;
    const resend = it.accounts.find(({ id }) => id === 'resend')!;
    const { environments } = resend;
    resend.environments = ['live'];
    await it.resolveOnce();
    resend.environments = environments;
    for (const id of [foreign, named]) {
      expect(await state(id)).toBe('in_doubt');
      expect(await it.accepted(id)).toHaveLength(0);
      expect((await it.journal(id)).at(-1)?.reason).toContain('resend is not for this message');
    }
  });

  test('a repeat that gets no answer, or is throttled, leaves the doubt and is made again after a pause', async () => {
    await lost('resend');
    const id = await it.send('resend');
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    await it.resolveOnce();
    expect(await decisions(id)).toEqual(['repeat', 'wait']);
    await order('resend', { mode: 'throttle' });
    await it.age(id, 60);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'in_doubt', error_code: 'rate_limit_exceeded' });
    await calm();
    await it.age(id, 600);
    await it.resolveOnce();
    expect(await state(id)).toBe('sent');
    expect(await it.accepted(id)).toHaveLength(1);
  });

  test('one whose worker died is rendered again; a provider that knows its key with another body proves it sent', async () => {
    await lost('resend');
    const id = await it.send('resend');
    await it.db.sql`update delivery_attempts set rendered = null where notification_id = ${id}`;
    const content = { subject: 'Hello', text: 'Rendered by another release' };
    await it.db
      .sql`update notifications set content = ${JSON.stringify(content)}::text::jsonb where id = ${id}`;
    await calm();
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'sent', provider: 'resend' });
    expect(await it.accepted(id)).toHaveLength(1);
    const [last] = (await it.journal(id)).slice(-1);
    expect(last).toMatchObject({ state: 'sent', detail: { decision: 'mark_sent', how: 'found' } });
    expect(last!.reason).toMatch(/knows the key of this call, with another body/);
  });

  test('a repeat explicitly refused by the provider is handled as a refusal: the first was not accepted either', async () => {
    await broken('resend');
    const id = await it.send('resend', { route: ['email', 'sms'] });
    // No other account of the channel may take it.
    const options = it.db.sql.json({ account: 'resend' });
    await it.db.sql`update notifications set options = ${options} where id = ${id}`;
    await order('resend', { status: 422 });
    await it.resolveOnce();
    const [after] = await it.db.sql`select state, channel from notifications where id = ${id}`;
    expect(after).toEqual({ state: 'pending', channel: 'sms' });
    expect(await it.accepted(id)).toHaveLength(0);
  });

  test('after expires_at it is not made again, and ends without a send', async () => {
    await broken('resend');
    const id = await it.send('resend', { expiresAt: new Date(Date.now() + 60_000) });
    await calm();
    await it.db.sql`update notifications set expires_at = now() where id = ${id}`;
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    await it.age(id, LONG);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'dead', error_code: 'expired_in_doubt' });
    expect(await it.accepted(id)).toHaveLength(0);
  });

  test('one whose expires_at passes while the repeat waits is not made, and is a doubt again at once', async () => {
    await broken('resend');
    const id = await it.send('resend', { expiresAt: new Date(Date.now() + 60_000) });
    await calm();
    // The row was read before; when the call is due, the clock has moved on.
    const { clock, breakers } = it.context;
    it.context.breakers = {
      ...breakers,
      began: (...call) => {
        it.context.clock = { ...clock, now: () => Date.now() + 61_000 };
        return breakers.began(...call);
      },
    };
    await it.resolveOnce();
    Object.assign(it.context, { clock, breakers });
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: expect.any(Date) });
    expect((await it.journal(id)).at(-1)?.reason).toBe(
      'the same call was not made again after all: expires_at has passed',
    );
    expect(await it.accepted(id)).toHaveLength(0);
  });

  test('once the key may be forgotten the policy decides', async () => {
    await broken('resend');
    const id = await it.send('resend');
    await calm();
    await it.age(id, 23 * 3600);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: null });
    expect(await it.accepted(id)).toHaveLength(0);
  });

  test('a suppressed address gets no repeat', async () => {
    await broken('resend');
    const id = await it.send('resend');
    await calm();
    const [{ address }] = await it.db.sql<[{ address: { email: string } }]>`
      select address from notifications where id = ${id}`;
    await it.db.sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason)
      values (${it.appId}, 'test', 'email', ${addressHash(it.appId, 'email', address.email)}, 'manual')`;
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    expect(await it.accepted(id)).toHaveLength(0);
    expect((await it.journal(id)).at(-1)!.reason).toMatch(/suppressed \(manual\)/);
  });
});

describe('class B', () => {
  test.each([
    ['twilio', /^Twilio has the message \(SM\w+\), sent$/],
    ['postmark', /^Postmark has the message, Sent$/],
  ])(
    'a call of %s whose answer was lost is settled by a lookup, without a second message',
    async (provider, evidence) => {
      await lost(provider);
      const id = await it.send(provider);
      await settled(id);
      const [sent] = await it.db.sql`
      select n.state, n.provider_message_id as id, a.outcome, a.provider_message_id as "attemptId"
      from notifications n join delivery_attempts a on a.notification_id = n.id where n.id = ${id}`;
      expect(sent).toMatchObject({ state: 'sent', outcome: 'accepted', id: expect.any(String) });
      expect(sent!.attemptId).toBe(sent!.id);
      expect(await it.accepted(id)).toHaveLength(1);
      expect((await it.journal(id)).at(-1)!.detail).toMatchObject({
        how: 'found',
        evidence: expect.stringMatching(evidence),
      });
    },
  );

  test.each(['twilio', 'postmark'])(
    'a call of %s that never arrived is sent again once the lookup has settled, and not before',
    async (provider) => {
      await broken(provider);
      const id = await it.send(provider);
      await it.db
        .sql`update delivery_attempts set finished_at = now() + interval '1 minute' where notification_id = ${id}`;
      await it.age(id, 0);
      await it.resolveOnce();
      expect(await state(id)).toBe('in_doubt');
      await it.age(id, 61);
      await it.resolveOnce();
      expect(await state(id)).toBe('pending');
      expect(await announced(id)).toContainEqual({ kind: 'delivery.resumed' });
      await calm();
      await it.deliverAgain(id);
      expect(await row(id)).toMatchObject({ state: 'sent', attempt_count: 2 });
      expect(await it.accepted(id)).toMatchObject([{ attempt_id: `${id}/2` }]);
    },
  );

  test('of two doubts with the same text to the same number one finds the only message, the other is sent again', async () => {
    const content = JSON.stringify({ text: 'Twins' });
    await lost('twilio');
    const first = await it.send('twilio');
    await broken('twilio');
    const second = await it.send('twilio');
    await it.db.sql`
      update notifications set content = ${content}::text::jsonb, address = '{"phone": "+12025550177"}'
      where id in ${it.db.sql([first, second])}`;
    // The message that did arrive, as both of them would find it.
    await calm();
    const arrived = await it.context.accounts
      .find(({ id }) => id === 'twilio')!
      .adapter.send(
        { channel: 'sms', to: '+12025550177', text: 'Twins' },
        { notificationId: first, attemptId: `${first}/1`, signal: AbortSignal.timeout(2000) },
      );
    expect(arrived.class).toBe('accepted');
    await settled(first, second);
    expect([await state(first), await state(second)].sort()).toEqual(['pending', 'sent']);
  });

  test('at_most_once is not sent again because a list does not contain it', async () => {
    await broken('twilio');
    const id = await it.send('twilio', { policy: 'at_most_once', resolveWithinSeconds: 30 });
    await it.age(id, 10);
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    await it.age(id, 30);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'dead', error_code: 'outcome_unknown' });
    expect((await it.journal(id)).at(-1)!.reason).toMatch(/never to send twice; so far: Twilio has no such/);
  });

  test('a receipt that came while the call was in flight settles it without a question', async () => {
    await broken('twilio');
    const id = await it.send('twilio');
    await it.db.sql`
      insert into provider_logs (provider_account, event_id, kind, notification_id, attempt, provider_message_id, body, applied_at)
      values ('twilio', ${id}, 'accepted', ${id}, 1, 'SM77', '{}', now())`;
    await it.age(id, 3);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'sent', provider_message_id: 'SM77' });
  });
});

describe('class C', () => {
  test('a push whose answer was lost is sent again at once: the copy replaces the first', async () => {
    await lost('fcm');
    const id = await it.send('fcm');
    await it.resolveOnce();
    expect(await state(id)).toBe('pending');
    await calm();
    await it.deliverAgain(id);
    expect(await row(id)).toMatchObject({ state: 'sent', attempt_count: 2 });
    expect(it.settled).toEqual(['replaced']);
  });

  test('one that is doubtful repeatedly ends with a person', async () => {
    await lost('fcm');
    const id = await it.send('fcm');
    for (let resends = 0; resends < 5; resends++) {
      await it.age(id, 2 * 3600);
      await it.resolveOnce();
      expect(await state(id)).toBe('pending');
      await it.deliverAgain(id);
    }
    await it.age(id, 2 * 3600);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: null });
    expect((await it.journal(id)).at(-1)!.reason).toMatch(/sent again 5 times and in doubt each time/);
  });

  test('at_most_once never sends it again', async () => {
    await lost('fcm');
    const id = await it.send('fcm', { policy: 'at_most_once' });
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    await it.age(id, LONG);
    await it.resolveOnce();
    expect(await state(id)).toBe('dead');
    expect(await it.accepted(id)).toHaveLength(1);
  });
});

describe('class D', () => {
  const smtpDoubt = async (given: Parameters<ResolverUnderTest['send']>[1] = {}) => {
    await lost('smtp');
    const id = await it.send('smtp', given);
    await calm();
    expect(await state(id)).toBe('in_doubt');
    return id;
  };

  test('an SMTP doubt of normal priority waits for evidence, and then for a person', async () => {
    const id = await smtpDoubt();
    await it.age(id, 10);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: expect.any(Date) });
    await it.age(id, LONG);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: 'in_doubt', next_attempt_at: null });
    await it.resolveOnce();
    expect(await decisions(id)).toEqual(['wait', 'hold']);
    expect(await it.accepted(id)).toHaveLength(1);
  });

  test('a critical one is sent again after half a minute', async () => {
    const id = await smtpDoubt({ priority: 'critical' });
    await it.age(id, 31);
    await it.resolveOnce();
    expect(await state(id)).toBe('pending');
    expect(it.settled).toEqual(['policy']);
  });

  test.each([
    ['at_least_once', 'pending'],
    ['at_most_once', 'dead'],
    ['ask', 'in_doubt'],
  ] as const)('after its category’s deadline %s makes it %s', async (policy, becomes) => {
    const id = await smtpDoubt({ policy, resolveWithinSeconds: 60 });
    await it.age(id, 30);
    await it.resolveOnce();
    expect(await state(id)).toBe('in_doubt');
    await it.age(id, 30);
    await it.resolveOnce();
    expect(await row(id)).toMatchObject({ state: becomes, next_attempt_at: null });
    expect((await it.journal(id)).at(-1)!.detail).toMatchObject({ policy, provider: 'smtp', guarantee: 'D' });
  });

  test('a doubt whose account is gone is settled by the policy', async () => {
    const id = await smtpDoubt({ policy: 'at_least_once' });
    await it.db.sql`update delivery_attempts set provider = 'gone' where notification_id = ${id}`;
    await it.age(id, LONG);
    await it.resolveOnce();
    expect(await state(id)).toBe('pending');
    expect((await it.journal(id)).at(-1)!.reason).toMatch(/gone is no longer configured/);
  });
});
