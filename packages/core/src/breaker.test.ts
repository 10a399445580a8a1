import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BREAKER,
  type Breaker,
  type BreakerCounts,
  coolDownSeconds,
  hangsAfterMs,
  nextMove,
  signOf,
  typicalMsAfter,
} from './breaker.ts';
import type { NotAccepted } from './outcome.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const QUIET: BreakerCounts = {
  calls: 0,
  failures: 0,
  recentCalls: 0,
  recentFailures: 0,
  inARow: 0,
  successes: 0,
};
const breaker = (over: Partial<Breaker> = {}): Breaker => ({
  account: 'acme',
  state: 'closed',
  heldBy: null,
  reason: null,
  changedAt: new Date(NOW - 3_600_000),
  probeAt: null,
  coolDownSeconds: 0,
  ...over,
});
const after = (counts: Partial<BreakerCounts>, over: Partial<Breaker> = {}) =>
  nextMove(breaker(over), { ...QUIET, ...counts }, NOW);
const count = fc.nat({ max: 5000 });
const anyCounts = fc
  .record({
    calls: count,
    failures: count,
    recentCalls: count,
    recentFailures: count,
    inARow: count,
    successes: count,
  })
  .filter((counts) => counts.failures <= counts.calls && counts.recentFailures <= counts.recentCalls);

test('opens above 5 % of the calls, not at 5 %', () => {
  expect(after({ calls: 1000, failures: 50 })).toBeNull();
  expect(after({ calls: 1000, failures: 51 })).toMatchObject({
    to: 'open',
    reason: '51 of 1000 calls failed in 30 s',
  });
});

test('a share of a handful of calls opens nothing, five failures in a row do', () => {
  expect(after({ calls: 19, failures: 10, inARow: 4 })).toBeNull();
  expect(after({ calls: 5, failures: 5, inARow: 5 })).toMatchObject({ to: 'open' });
});

test('where calls are many, a few failures in a row are no reason', () => {
  expect(after({ calls: 3000, failures: 40, inARow: 40, recentCalls: 300, recentFailures: 40 })).toBeNull();
});

test('a provider that falls silent under full load is left although the window is full of good calls', () => {
  const counts = { calls: 30_000, failures: 400, recentCalls: 400, recentFailures: 400, inARow: 400 };
  expect(after(counts)).toMatchObject({ to: 'open', reason: '400 of 400 calls failed in 3 s' });
});

test('what a person holds stays, whatever is counted', () => {
  fc.assert(
    fc.property(anyCounts, fc.constantFrom('closed', 'open', 'half_open'), (counts, state) => {
      expect(nextMove(breaker({ state, heldBy: 'staff:ada@acme.example' }), counts, NOW)).toBeNull();
    }),
  );
});

test('counts never move an open breaker: only its probe does', () => {
  fc.assert(
    fc.property(anyCounts, (counts) => {
      expect(
        nextMove(breaker({ state: 'open', probeAt: new Date(NOW), coolDownSeconds: 5 }), counts, NOW),
      ).toBeNull();
    }),
  );
});

test('an account without a failure is never left', () => {
  fc.assert(
    fc.property(anyCounts, fc.constantFrom('closed', 'half_open'), (counts, state) => {
      const good = { ...counts, failures: 0, recentFailures: 0, inARow: 0 };
      expect(nextMove(breaker({ state }), good, NOW)?.to).not.toBe('open');
    }),
  );
});

test('one failed trial opens it again, for twice as long', () => {
  const half = { state: 'half_open', coolDownSeconds: 20 } as const;
  expect(after({ calls: 5, successes: 4, failures: 1 }, half)).toMatchObject({
    to: 'open',
    coolDownSeconds: 40,
  });
});

test('five good trials close it at once, two after half a minute', () => {
  const since = (seconds: number) =>
    ({ state: 'half_open', changedAt: new Date(NOW - seconds * 1000) }) as const;
  expect(after({ successes: 4 }, since(2))).toBeNull();
  expect(after({ successes: 5 }, since(2))).toMatchObject({ to: 'closed' });
  expect(after({ successes: 2 }, since(29))).toBeNull();
  expect(after({ successes: 2 }, since(30))).toMatchObject({ to: 'closed' });
  expect(after({ successes: 1 }, since(3600))).toBeNull();
});

test('cool-downs double from 5 seconds to a minute, and begin anew after 5 good minutes', () => {
  let seconds = 0;
  const seen = Array.from({ length: 6 }, () => {
    seconds = coolDownSeconds(seconds, 0);
    return seconds;
  });
  expect(seen).toEqual([5, 10, 20, 40, 60, 60]);
  expect(coolDownSeconds(60, BREAKER.forgetAfterSeconds)).toBe(5);
  // Closed a minute ago and failing again: that was no recovery.
  const flapping = after(
    { calls: 9, failures: 5, inARow: 5 },
    { coolDownSeconds: 20, changedAt: new Date(NOW - 60_000) },
  );
  expect(flapping).toMatchObject({ coolDownSeconds: 40 });
});

const refused = (
  kind: NotAccepted['class'],
  phase: NotAccepted['phase'] = 'answered',
  code = 'c',
): NotAccepted => ({
  class: kind,
  code,
  message: 'm',
  phase,
});

test('refusing one message is a sign of life, a limit is no sign, a doubt is a failure', () => {
  expect(signOf({ class: 'accepted', providerMessageId: 'x' })).toBe('success');
  for (const kind of ['rejected', 'bad_recipient'] as const) {
    expect(signOf(refused(kind))).toBe('success');
    expect(signOf(refused(kind, 'started'))).toBe('nothing');
  }
  for (const kind of ['throttled', 'quota'] as const) expect(signOf(refused(kind))).toBe('nothing');
  for (const kind of ['transient', 'in_doubt'] as const) expect(signOf(refused(kind))).toBe('failure');
  expect(signOf(refused('misconfigured'))).toBe('suspicion');
});

test('a call given up because our own lease ran out says nothing about the provider', () => {
  expect(signOf(refused('transient', 'started', 'lease_over'))).toBe('nothing');
});

test('a call hangs after 3 seconds, unless the provider has been seen to answer more slowly than that', () => {
  expect(hangsAfterMs(50)).toBe(3000);
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: 60_000 }), (typical, answered) => {
      expect(hangsAfterMs(typicalMsAfter(typical, answered))).toBeGreaterThanOrEqual(answered);
    }),
  );
});
