import { BACKOFF_SECONDS } from '@carillon/core/backoff';
import { CHANNELS, type Channel } from '@carillon/core/channel';
import type { Outcome, OutcomeClass } from '@carillon/core/outcome';
import { PRIORITIES } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endingOf } from './ending.ts';
import type { Claimed } from './steps.ts';

const claimed: Claimed = {
  id: '11111111-1111-8111-8111-111111111111',
  app_id: '22222222-2222-8222-8222-222222222222',
  environment: 'test',
  channel: 'sms',
  route: ['sms'],
  priority: 'normal',
  recipient_id: null,
  address: { phone: '+15005550006' },
  contact_points: null,
  template_id: null,
  template_version: null,
  locale: null,
  data: null,
  content: { text: 'Hi' },
  options: null,
  expires_at: null,
  attempt_count: 1,
  tries: 1,
  leaseToken: '33333333-3333-8333-8333-333333333333',
  expectedProvider: 'a',
  leaseEndsAt: 30_000,
  category: null,
  ordering_key: null,
  tried: null,
  preferences: null,
};
const message = { channel: 'sms', to: '+15005550006', text: 'Hi' } as const;
const account = (id: string): ProviderAccount => ({
  id,
  order: 10,
  adapter: {
    provider: 'generic',
    channel: 'sms',
    guarantee: 'B',
    serves: () => true,
    send: async () => ({ class: 'accepted', providerMessageId: 'x' }),
    close: async () => {},
  },
});
const outcomeOf = (kind: OutcomeClass): Outcome =>
  kind === 'accepted'
    ? { class: kind, providerMessageId: 'x' }
    : { class: kind, code: 'c', message: 'no', phase: kind === 'in_doubt' ? 'written' : 'answered' };
const after = (kind: OutcomeClass, over: Partial<Claimed> = {}, nextAccount?: string, schedule?: number[]) =>
  endingOf(
    { ...claimed, ...over },
    { kind: 'answered', outcome: outcomeOf(kind), account: account('a'), latencyMs: 7, message },
    0.5,
    { nextAccount, schedule },
  );
const CERTAIN = ['transient', 'throttled', 'quota', 'misconfigured'] as const;

test('what one account certainly did not take the next one gets at once, and it costs no try', () => {
  for (const kind of CERTAIN)
    expect(after(kind, { tried: ['z'] }, 'b')).toMatchObject({
      state: 'retrying',
      retryInMs: 0,
      refund: true,
      tried: ['z', 'a'],
      consequence: 'tries the next account, b',
    });
});

test('an in-doubt call never falls over, to whatever there is', () => {
  const ending = after('in_doubt', { route: ['sms', 'email'] }, 'b');
  expect(ending).toMatchObject({ state: 'in_doubt' });
  expect(ending).not.toHaveProperty('tried');
  expect(ending).not.toHaveProperty('nextChannel');
});

test('a message that is refused, and a person who said STOP, are not taken to another account of the channel', () => {
  for (const kind of ['rejected', 'bad_recipient'] as const) {
    expect(after(kind, {}, 'b').state).toBe('failed');
    expect(after(kind, { route: ['sms', 'email'] }, 'b')).toMatchObject({
      state: 'pending',
      nextChannel: 'email',
      consequence: 'goes on by email',
    });
  }
});

test('after the last account the round is over: it waits by the schedule and forgets who was tried', () => {
  const ending = after('transient', { tried: ['z'] });
  expect(ending).toMatchObject({ state: 'retrying', retryInMs: 30_000 });
  expect(ending).not.toHaveProperty('tried');
  expect(ending).not.toHaveProperty('refund');
});

test('an account that is asked a second time in a round ends it', () => {
  expect(after('transient', { tried: ['a'] }, 'b')).toMatchObject({ state: 'retrying', retryInMs: 30_000 });
});

test('when all rounds are used up the next channel of the route begins its own, and only then it is dead', () => {
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

/** A notification that meets one outcome after the other, with the accounts that its channels have. */
interface Journey {
  route: Channel[];
  accounts: number;
  outcomes: OutcomeClass[];
}
const journey = (kinds: readonly OutcomeClass[]): fc.Arbitrary<Journey> =>
  fc.record({
    route: fc.shuffledSubarray([...CHANNELS], { minLength: 1 }),
    accounts: fc.integer({ min: 1, max: 4 }),
    outcomes: fc.infiniteStream(fc.constantFrom(...kinds)).map((stream) => [...stream.take(2000)]),
  });

/** Plays it to its end. Each round is the accounts that were called without a wait in between. */
function play(
  { route, accounts, outcomes }: Journey,
  priority: Claimed['priority'],
  openAt: (n: number) => boolean,
) {
  const rounds: { channel: Channel; called: string[] }[] = [];
  let now: Claimed = { ...claimed, route, channel: route[0]!, priority, tries: 0 };
  let round: string[] | undefined;
  for (const [n, kind] of outcomes.entries()) {
    now = { ...now, tries: now.tries + 1, attempt_count: n + 1 };
    const able = Array.from({ length: accounts }, (_, k) => `${now.channel}-${k}`);
    const untried = able.filter((id) => !now.tried?.includes(id));
    // As choose does: who was not tried first, then whoever a breaker leaves.
    const called =
      [...untried, ...able.filter((id) => now.tried?.includes(id))][openAt(n) ? 1 : 0] ?? able[0]!;
    if (!round) {
      round = [];
      rounds.push({ channel: now.channel, called: round });
    }
    round.push(called);
    const nextAccount = able.find((id) => id !== called && !now.tried?.includes(id));
    const ending = endingOf(
      now,
      { kind: 'answered', outcome: outcomeOf(kind), account: account(called), latencyMs: 1, message },
      0.5,
      { nextAccount },
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
  const costly = ['transient', 'rejected', 'bad_recipient', 'in_doubt', 'accepted'] as const;
  fc.assert(
    fc.property(journey(costly), anyPriority, breakers, (each, priority, open) => {
      const { ended, rounds } = play(each, priority, (n) => open[n]!);
      expect(ended).toBeDefined();
      for (const channel of each.route) {
        const here = rounds.filter((round) => round.channel === channel);
        expect(here.length).toBeLessThanOrEqual(BACKOFF_SECONDS[priority].length + 1);
      }
      // Forward only: no channel comes back.
      const order = rounds.map((round) => each.route.indexOf(round.channel));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
  );
});

test('loops are impossible: also what costs nothing waits after each round over the accounts', () => {
  fc.assert(
    fc.property(journey(CERTAIN), anyPriority, breakers, (each, priority, open) => {
      for (const { called } of play(each, priority, (n) => open[n]!).rounds)
        expect(called.length).toBeLessThanOrEqual(each.accounts + 1);
    }),
  );
});

test('while no breaker closes an account off, a round asks each account once', () => {
  fc.assert(
    fc.property(journey(CERTAIN), anyPriority, (each, priority) => {
      for (const { called } of play(each, priority, () => false).rounds)
        expect(new Set(called).size).toBe(called.length);
    }),
  );
});
