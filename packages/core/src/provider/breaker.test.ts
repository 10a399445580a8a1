import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answered,
  BREAKER,
  type Breaker,
  type BreakerCounts,
  coolDownSeconds,
  hangsAfterMs,
  nextMove,
  signOf,
  suspected,
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
  again: 0,
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
/** The move after a probe that is healthy, unhealthy, or missing; the same three times if no probe is needed. */
const ends = (counts: Partial<BreakerCounts>, over: Partial<Breaker> = {}) => {
  const next = after(counts, over);
  const answers = [{ healthy: true } as const, { healthy: false, why: 'HTTP 503' } as const, null];
  return answers.map((answer) => (next && 'ask' in next ? answered(next, answer) : next)?.to ?? 'stays');
};
const count = fc.nat({ max: 5000 });
const anyCounts = fc
  .record({
    calls: count,
    failures: count,
    recentCalls: count,
    recentFailures: count,
    inARow: count,
    again: count,
    successes: count,
  })
  .filter((counts) => counts.failures <= counts.calls && counts.recentFailures <= counts.recentCalls);

test('half of the messages of 30 or of 3 seconds failed: an outage, whatever the probe would say', () => {
  const reason = '10 of 20 messages failed in 30 s';
  expect(after({ calls: 20, failures: 10, recentCalls: 5 })).toMatchObject({ to: 'open', reason });
  expect(ends({ calls: 20, failures: 9, recentCalls: 5 })).not.toEqual(['open', 'open', 'open']);
  expect(ends({ calls: 900, failures: 10, recentCalls: 20, recentFailures: 10 })).toEqual([
    'open',
    'open',
    'open',
  ]);
});

test('between 5 % and a half the account is probed, and opened only if the probe fails', () => {
  // Six poisoned messages among 46.
  const burst = { calls: 46, failures: 6, recentCalls: 46, recentFailures: 6, inARow: 2 };
  expect(ends(burst)).toEqual(['stays', 'open', 'stays']);
  const question = after(burst);
  expect(question && 'ask' in question && answered(question, { healthy: false, why: 'HTTP 503' })).toEqual({
    to: 'open',
    reason: '6 of 46 messages failed in 30 s; asked: HTTP 503',
    coolDownSeconds: 5,
  });
  expect(after({ calls: 1000, failures: 50, recentCalls: 100 })).toBeNull();
  expect(ends({ calls: 1000, failures: 51, recentCalls: 100 })).toEqual(['stays', 'open', 'stays']);
});

test('where messages are few, five that fail in a row put the account on trial or out of use', () => {
  expect(after({ calls: 19, failures: 10, inARow: 4 })).toBeNull();
  expect(ends({ calls: 5, failures: 5, inARow: 5 })).toEqual(['half_open', 'open', 'open']);
  // At two a second, half a minute of good ones and then nothing but failures.
  expect(ends({ calls: 60, failures: 6, recentCalls: 6, recentFailures: 6, inARow: 6 })).toEqual([
    'half_open',
    'open',
    'open',
  ]);
});

test('failures in a row do not count while others succeed', () => {
  expect(after({ calls: 3000, failures: 40, inARow: 40, recentCalls: 300, recentFailures: 40 })).toBeNull();
});

test('messages that fail repeatedly leave the account in use unless its probe fails', () => {
  expect(after({ again: 4 })).toBeNull();
  expect(ends({ calls: 2, failures: 2, inARow: 2, again: 3 })).toEqual(['stays', 'open', 'stays']);
  expect(ends({ again: 5000 })).toEqual(['stays', 'open', 'stays']);
});

test('one message in a hundred that always fails never opens it, however often it is repeated', () => {
  const traffic = fc.record({
    calls: fc.integer({ min: 100, max: 100_000 }),
    again: count,
    inARow: fc.nat(4),
  });
  fc.assert(
    fc.property(traffic, fc.double({ min: 0, max: 0.01, noNaN: true }), ({ calls, ...rest }, share) => {
      const failures = Math.floor(calls * share);
      const recent = { recentCalls: Math.ceil(calls / 10), recentFailures: Math.floor(failures / 10) };
      expect(after({ calls, failures, ...recent, ...rest })).toBeNull();
    }),
  );
});

test('an account with a healthy probe, or with none, is in use while most of its messages go through', () => {
  fc.assert(
    fc.property(anyCounts, (counts) => {
      const recentCalls = Math.min(counts.recentCalls, counts.calls) + 1;
      const most = {
        ...counts,
        calls: counts.calls + recentCalls,
        failures: Math.floor(counts.calls / 2.1),
        recentCalls,
        recentFailures: Math.floor(recentCalls / 2.1),
      };
      const [well, , unasked] = ends(most);
      expect([well, unasked]).toEqual(['stays', 'stays']);
    }),
  );
});

test('the breaker of a dead provider opens, whatever its call rate', () => {
  const rate = fc.integer({ min: 1, max: 2000 });
  fc.assert(
    // The first failures may be noticed three seconds late; then nothing has succeeded for so long.
    fc.property(rate, fc.integer({ min: 3, max: 30 }), (perSecond, seconds) => {
      const failures = perSecond * seconds;
      const recent = perSecond * BREAKER.collapseSeconds;
      const dead = {
        calls: perSecond * 30,
        failures,
        recentCalls: recent,
        recentFailures: recent,
        inARow: failures,
      };
      const [well, unwell, unasked] = ends(dead);
      expect(unwell).toBe('open');
      if (failures < BREAKER.failuresInARow) return;
      expect(unasked).toBe('open');
      expect(['open', 'half_open']).toContain(well);
    }),
  );
});

test('the breaker of a provider that stops answering under full load opens although the window is full of good calls', () => {
  const counts = { calls: 30_000, failures: 400, recentCalls: 400, recentFailures: 400, inARow: 400 };
  expect(after(counts)).toMatchObject({ to: 'open', reason: '400 of 400 messages failed in 3 s' });
});

test('a manual hold stays, whatever is counted', () => {
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

test('the breaker of an account without a failure never opens', () => {
  fc.assert(
    fc.property(anyCounts, fc.constantFrom('closed', 'half_open'), (counts, state) => {
      const good = { ...counts, failures: 0, recentFailures: 0, inARow: 0, again: 0 };
      expect(ends(good, { state })).not.toContain('open');
    }),
  );
});

test('one failed trial causes a probe; two that fail open it again, for twice as long', () => {
  const half = { state: 'half_open', coolDownSeconds: 20, changedAt: new Date(NOW - 2000) } as const;
  expect(ends({ calls: 1, failures: 1 }, half)).toEqual(['stays', 'open', 'stays']);
  expect(ends({ calls: 5, successes: 4, failures: 1 }, half)).toEqual(['stays', 'open', 'stays']);
  expect(ends({ calls: 4, successes: 2, failures: 2 }, half)).toEqual(['stays', 'open', 'stays']);
  expect(after({ calls: 3, successes: 1, failures: 2 }, half)).toMatchObject({
    to: 'open',
    reason: '2 trial calls failed',
    coolDownSeconds: 40,
  });
});

test('a trial message that failed before decides nothing by failing again', () => {
  expect(after({ again: 50 }, { state: 'half_open' })).toBeNull();
});

test('one bad message does not keep an account on trial: good trials outweigh it', () => {
  expect(after({ calls: 6, failures: 1, successes: 5 }, { state: 'half_open' })).toMatchObject({
    to: 'closed',
  });
});

test('an account that rejects its credentials is probed, and opened if it has no probe', () => {
  const question = suspected(breaker(), 'Acme refused the account.', NOW)!;
  expect(answered(question, { healthy: true })).toBeNull();
  expect(answered(question, { healthy: false, why: 'HTTP 401' })).toMatchObject({
    to: 'open',
    reason: 'HTTP 401',
  });
  expect(answered(question, null)).toMatchObject({ to: 'open', reason: 'Acme refused the account.' });
  expect(suspected(breaker({ state: 'open' }), 'm', NOW)).toBeNull();
  expect(suspected(breaker({ heldBy: 'key:1' }), 'm', NOW)).toBeNull();
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

test('cool-downs double from 5 seconds to a minute, and reset after 5 good minutes', () => {
  let seconds = 0;
  const seen = Array.from({ length: 6 }, () => {
    seconds = coolDownSeconds(seconds, 0);
    return seconds;
  });
  expect(seen).toEqual([5, 10, 20, 40, 60, 60]);
  expect(coolDownSeconds(60, BREAKER.forgetAfterSeconds)).toBe(5);
  // Closed a minute ago and failing again: that was no recovery.
  const flapping = after(
    { calls: 20, failures: 15, inARow: 15 },
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

test('rejecting one message counts as healthy, a limit as nothing, a doubt as a failure', () => {
  expect(signOf({ class: 'accepted', providerMessageId: 'x' })).toBe('success');
  for (const kind of ['rejected', 'bad_recipient'] as const) {
    expect(signOf(refused(kind))).toBe('success');
    expect(signOf(refused(kind, 'started'))).toBe('nothing');
  }
  for (const kind of ['throttled', 'quota'] as const) expect(signOf(refused(kind))).toBe('nothing');
  for (const kind of ['transient', 'in_doubt'] as const) expect(signOf(refused(kind))).toBe('failure');
  expect(signOf(refused('misconfigured'))).toBe('suspicion');
});

test('an answer about one message, person or sender counts as healthy, whatever becomes of the message', () => {
  for (const about of ['message', 'recipient', 'sender'] as const)
    for (const kind of ['transient', 'misconfigured', 'rejected'] as const) {
      expect(signOf({ ...refused(kind), about })).toBe('success');
      expect(signOf({ ...refused(kind, 'started'), about })).not.toBe('success');
    }
  for (const about of ['provider', 'connection', 'account'] as const) {
    expect(signOf({ ...refused('transient'), about })).toBe('failure');
    expect(signOf({ ...refused('misconfigured'), about })).toBe('suspicion');
  }
});

test('a rejection of unknown meaning counts as nothing', () => {
  expect(signOf({ ...refused('rejected'), othersMayTake: true })).toBe('nothing');
});

test('the failure of a message that had failed before is counted apart, its success is a success', () => {
  for (const kind of ['transient', 'in_doubt'] as const)
    expect(signOf(refused(kind), true)).toBe('failed_again');
  expect(signOf({ class: 'accepted', providerMessageId: 'x' }, true)).toBe('success');
  expect(signOf(refused('transient', 'started', 'lease_over'), true)).toBe('nothing');
});

test('a call abandoned because of an expired lease says nothing about the provider', () => {
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

test('the thresholds are those that the documentation names', () => {
  expect(BREAKER).toEqual({
    windowSeconds: 30,
    minCalls: 20,
    outageShare: 0.5,
    collapseSeconds: 3,
    failureShare: 0.05,
    failuresInARow: 5,
    coolDownSeconds: 5,
    maxCoolDownSeconds: 60,
    forgetAfterSeconds: 300,
    trialsToClose: 5,
    fewTrialsToClose: 2,
    fewTrialsAfterSeconds: 30,
    failedTrialsToOpen: 2,
  });
});

test('a call hangs after four times what is typical, and what is typical follows an answer by a quarter', () => {
  expect([749, 750, 751, 2_000].map(hangsAfterMs)).toEqual([3_000, 3_000, 3_004, 8_000]);
  expect(typicalMsAfter(1_000, 3_000)).toBe(1_500);
  expect(typicalMsAfter(1_000, 200)).toBe(800);
});

test('the last three seconds alone say nothing with fewer than twenty messages', () => {
  const good = { calls: 3_000, failures: 19 };
  expect(after({ ...good, recentCalls: 19, recentFailures: 19 })).toBeNull();
  expect(after({ ...good, recentCalls: 20, recentFailures: 9 })).toBeNull();
  expect(after({ ...good, recentCalls: 20, recentFailures: 10 })).toMatchObject({ to: 'open' });
});

test('one success among the last seconds, and a row of failures is none', () => {
  expect(after({ calls: 19, inARow: 5, recentCalls: 6, recentFailures: 5 })).toBeNull();
  expect(after({ calls: 19, inARow: 5, recentCalls: 5, recentFailures: 5 })).toMatchObject({ ask: true });
});

test('a rejected account stays open for the cool-down of its history', () => {
  const coolDown = (over: Partial<Breaker>) =>
    suspected(breaker({ coolDownSeconds: 20, ...over }), 'm', NOW)?.coolDownSeconds;
  const since = (seconds: number) => new Date(NOW - seconds * 1000);
  expect(coolDown({ changedAt: since(299) })).toBe(40);
  expect(coolDown({ changedAt: since(300) })).toBe(5);
  expect(coolDown({ state: 'half_open', changedAt: since(3_600) })).toBe(40);
});

test('a probe is reported with the reason for it', () => {
  expect(after({ calls: 5, failures: 5, inARow: 5 })).toMatchObject({
    why: '5 messages in a row failed',
    ifWell: { reason: '5 messages in a row failed, but the probe found it healthy' },
  });
  expect(after({ inARow: 2, again: 3 })).toMatchObject({ why: '5 calls in a row failed', ifWell: null });
});
