import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NotAccepted, Outcome, OutcomeClass } from '../provider/outcome.ts';
import type { CalledAccount } from './attempt-end.ts';
import { BACKOFF_SECONDS } from './backoff.ts';
import { CHANNELS, type Channel } from './channel.ts';
import { type Attempted, nextState } from './next-state.ts';
import { PRIORITIES } from './priority.ts';

const claimed: Attempted = {
  id: '11111111-1111-8111-8111-111111111111',
  app_id: '22222222-2222-8222-8222-222222222222',
  environment: 'test',
  channel: 'sms',
  route: ['sms'],
  priority: 'normal',
  address: { phone: '+15005550006' },
  contact_points: null,
  attempt_count: 1,
  tries: 1,
  leaseToken: '33333333-3333-8333-8333-333333333333',
  expectedProvider: 'a',
  tried: null,
};
const message = { channel: 'sms', to: '+15005550006', text: 'Hi' } as const;
const account = (id: string): CalledAccount => ({
  id,
  adapter: { guarantee: 'B' },
});
/** An outcome's class, or a refusal that another account may not share. */
type Kind = OutcomeClass | 'refused_here';
const outcomeOf = (kind: Kind): Outcome =>
  kind === 'refused_here'
    ? { ...(outcomeOf('rejected') as NotAccepted), othersMayTake: true }
    : kind === 'accepted'
      ? { class: kind, providerMessageId: 'x' }
      : { class: kind, code: 'c', message: 'no', phase: kind === 'in_doubt' ? 'written' : 'answered' };
const after = (kind: Kind, over: Partial<Attempted> = {}, nextAccount?: string, schedule?: number[]) =>
  nextState(
    { ...claimed, ...over },
    { kind: 'answered', outcome: outcomeOf(kind), account: account('a'), latencyMs: 7, message },
    0.5,
    { nextAccount, schedule },
  );
const CERTAIN = ['transient', 'throttled', 'quota', 'misconfigured'] as const;

test('a message that one account certainly did not accept goes to the next one at once, and uses no try', () => {
  for (const kind of CERTAIN)
    expect(after(kind, { tried: ['z'] }, 'b')).toMatchObject({
      state: 'retrying',
      retryInMs: 0,
      refund: true,
      tried: ['z', 'a'],
      consequence: 'tries the next account, b',
    });
});

test('an in-doubt call never fails over to another account or channel', () => {
  const ending = after('in_doubt', { route: ['sms', 'email'] }, 'b');
  expect(ending).toMatchObject({ state: 'in_doubt' });
  expect(ending).not.toHaveProperty('tried');
  expect(ending).not.toHaveProperty('nextChannel');
});

test('a message that is refused, and a person who said STOP, are not tried through another account of the channel', () => {
  for (const kind of ['rejected', 'bad_recipient'] as const) {
    expect(after(kind, {}, 'b').state).toBe('failed');
    expect(after(kind, { route: ['sms', 'email'] }, 'b')).toMatchObject({
      state: 'pending',
      nextChannel: 'email',
      consequence: 'goes on by email',
    });
  }
});

/**
 * A refusal that another account may not share: an unknown code, a pair of sender and recipient that does not work
 * here.
 */
const here = (
  account_: string,
  over: Partial<Attempted>,
  alternatives: { nextAccount?: string; others: string[] },
) =>
  nextState(
    { ...claimed, ...over },
    {
      kind: 'answered',
      outcome: { class: 'rejected', code: '21612', message: 'no', phase: 'answered', othersMayTake: true },
      account: account(account_),
      latencyMs: 7,
      message,
    },
    0.5,
    alternatives,
  );

test('a refusal about this account alone goes to the next one, and ends the message when all have refused', () => {
  const first = here('a', {}, { nextAccount: 'b', others: ['b'] });
  expect(first).toMatchObject({
    state: 'retrying',
    retryInMs: 0,
    refund: true,
    tried: ['a', 'refused:a'],
    errorCode: '21612',
    consequence: 'tries the next account, b',
  });
  const tried = [...first.tried!];
  expect(here('b', { tried }, { others: ['a'] })).toMatchObject({ state: 'failed', errorCode: '21612' });
  expect(here('b', { tried, route: ['sms', 'email'] }, { others: ['a'] })).toMatchObject({
    state: 'pending',
    nextChannel: 'email',
  });
  expect(here('a', {}, { others: [] }).state).toBe('failed');
});

test('it ends no message while an account is unavailable, throttled or not tried yet', () => {
  // c could not be called: its breaker is open. a was unavailable, and refused nothing.
  expect(here('b', { tried: ['a', 'refused:a'] }, { others: ['a', 'c'] })).toMatchObject({
    state: 'retrying',
    retryInMs: 30_000,
  });
  expect(here('b', { tried: ['a'] }, { others: ['a'] })).toMatchObject({
    state: 'retrying',
    retryInMs: 30_000,
  });
});

test('after the last account the round is over: it waits by the schedule and forgets who was tried', () => {
  const ending = after('transient', { tried: ['z'] });
  expect(ending).toMatchObject({ state: 'retrying', retryInMs: 30_000 });
  expect(ending).not.toHaveProperty('tried');
  expect(ending).not.toHaveProperty('refund');
});

test('an account that is called a second time in a round ends it', () => {
  expect(after('transient', { tried: ['a'] }, 'b')).toMatchObject({ state: 'retrying', retryInMs: 30_000 });
});

test('when all rounds are used up the next channel of the route begins its own; after the last one it is dead', () => {
  const last = { tries: BACKOFF_SECONDS.normal.length + 1 };
  expect(after('transient', { ...last, route: ['sms', 'email'] })).toMatchObject({
    state: 'pending',
    nextChannel: 'email',
    nextLane: 'email-normal',
  });
  expect(after('transient', { ...last, route: ['email', 'sms'] }).state).toBe('dead');
});

test('a category may have a schedule of its own', () => {
  expect(after('transient', {}, undefined, [7])).toMatchObject({ state: 'retrying', retryInMs: 7000 });
  expect(after('transient', { tries: 2 }, undefined, [7]).state).toBe('dead');
});

/** A notification that gets one outcome after the other, with the accounts that its channels have. */
interface Journey {
  route: Channel[];
  accounts: number;
  outcomes: Kind[];
}
const journey = (kinds: readonly Kind[]): fc.Arbitrary<Journey> =>
  fc.record({
    route: fc.shuffledSubarray([...CHANNELS], { minLength: 1 }),
    accounts: fc.integer({ min: 1, max: 4 }),
    outcomes: fc.infiniteStream(fc.constantFrom(...kinds)).map((stream) => [...stream.take(2000)]),
  });

/** Runs it to its end. Each round is the accounts that were called without a wait in between. */
function play(
  { route, accounts, outcomes }: Journey,
  priority: Attempted['priority'],
  openAt: (n: number) => boolean,
) {
  const rounds: { channel: Channel; called: string[] }[] = [];
  let now: Attempted = { ...claimed, route, channel: route[0]!, priority, tries: 0 };
  let round: string[] | undefined;
  for (const [n, kind] of outcomes.entries()) {
    now = { ...now, tries: now.tries + 1, attempt_count: n + 1 };
    const able = Array.from({ length: accounts }, (_, k) => `${now.channel}-${k}`);
    const untried = able.filter((id) => !now.tried?.includes(id));
    // As choose does: first accounts that were not tried, then those whose breaker admits a call.
    const called =
      [...untried, ...able.filter((id) => now.tried?.includes(id))][openAt(n) ? 1 : 0] ?? able[0]!;
    if (!round) {
      round = [];
      rounds.push({ channel: now.channel, called: round });
    }
    round.push(called);
    const nextAccount = able.find((id) => id !== called && !now.tried?.includes(id));
    const ending = nextState(
      now,
      { kind: 'answered', outcome: outcomeOf(kind), account: account(called), latencyMs: 1, message },
      0.5,
      { nextAccount, others: able.filter((id) => id !== called) },
    );
    if (ending.state !== 'retrying' && ending.state !== 'pending') return { ended: ending.state, rounds };
    now = {
      ...now,
      channel: ending.nextChannel ?? now.channel,
      tries: ending.nextChannel ? 0 : now.tries - (ending.refund ? 1 : 0),
      tried: ending.tried ? [...ending.tried] : null,
    };
    if (!ending.tried) round = undefined;
  }
  return { ended: undefined, rounds };
}

const anyPriority = fc.constantFrom(...PRIORITIES);
const breakers = fc.infiniteStream(fc.boolean()).map((stream) => [...stream.take(2000)]);

test('loops are impossible: whatever providers answer, a notification ends within its rounds and its route', () => {
  const costly = ['transient', 'refused_here', 'rejected', 'bad_recipient', 'in_doubt', 'accepted'] as const;
  fc.assert(
    fc.property(journey(costly), anyPriority, breakers, (each, priority, open) => {
      const { ended, rounds } = play(each, priority, (n) => open[n]!);
      expect(ended).toBeDefined();
      for (const channel of each.route) {
        const here = rounds.filter((round) => round.channel === channel);
        expect(here.length).toBeLessThanOrEqual(BACKOFF_SECONDS[priority].length + 1);
      }
      // Forward only: no channel is used again.
      const order = rounds.map((round) => each.route.indexOf(round.channel));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
  );
});

test('loops are impossible: outcomes that use no try also wait after each round over the accounts', () => {
  fc.assert(
    fc.property(journey(CERTAIN), anyPriority, breakers, (each, priority, open) => {
      for (const { called } of play(each, priority, (n) => open[n]!).rounds)
        expect(called.length).toBeLessThanOrEqual(each.accounts + 1);
    }),
  );
});

test('while no breaker is open, a round calls each account once', () => {
  fc.assert(
    fc.property(journey(CERTAIN), anyPriority, (each, priority) => {
      for (const { called } of play(each, priority, () => false).rounds)
        expect(new Set(called).size).toBe(called.length);
    }),
  );
});
