import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STOP_MODES } from '../campaign/states.ts';
import { GUARANTEE_CLASSES } from '../provider/guarantee.ts';
import { DELIVERY_POLICIES } from './delivery-policy.ts';
import {
  type Doubt,
  type DoubtDecision,
  type DoubtEvidence,
  deadlineOf,
  decideDoubt,
  FIRST_LOOK_MS,
  KEY_MEMORY_MS,
  MAX_RESENDS,
  RESOLVE_WITHIN_SECONDS,
  RESTORED_PATIENCE_MS,
  repeatPauseMs,
} from './doubt.ts';
import { PRIORITIES } from './priority.ts';

const BEGAN = 1_800_000_000_000;
const MINUTE = 60_000;

/** A normal SMTP doubt, a second old. */
const doubt = (over: Partial<Doubt> = {}): Doubt => ({
  guarantee: 'D',
  priority: 'normal',
  policy: 'resolve',
  resolveWithinSeconds: null,
  now: BEGAN + 1000,
  startedAt: BEGAN,
  endedAt: BEGAN + 500,
  expiresAt: null,
  lookupSettlesAt: null,
  obstacle: null,
  repeats: 0,
  resends: 0,
  restored: false,
  stopped: null,
  evidence: null,
  ...over,
});
const decide = (over: Partial<Doubt>) => decideDoubt(doubt(over));
const late = { now: BEGAN + 20 * MINUTE };
const expired = { expiresAt: BEGAN + 500 };
const accepted: DoubtEvidence = { says: 'accepted', providerMessageId: 'SM1', source: 'a receipt' };
const refused: DoubtEvidence = { says: 'refused', source: 'its own late answer' };
const absent: DoubtEvidence = { says: 'absent', source: 'it is not in the list' };
const unknown: DoubtEvidence = { says: 'unknown', source: 'two are alike' };

describe('evidence', () => {
  test('of acceptance settles a doubt of any class under any policy, also after expires_at', () => {
    for (const guarantee of [...GUARANTEE_CLASSES, null])
      for (const policy of DELIVERY_POLICIES)
        expect(decide({ guarantee, policy, evidence: accepted, ...expired })).toMatchObject({
          do: 'mark_sent',
          providerMessageId: 'SM1',
        });
  });

  test('of refusal is certain: it is sent again even under at_most_once and ask, unless it expired', () => {
    for (const policy of DELIVERY_POLICIES) {
      expect(decide({ policy, evidence: refused })).toMatchObject({ do: 'send_again', how: 'refused' });
      expect(decide({ policy, evidence: refused, ...expired })).toMatchObject({
        do: 'give_up',
        code: 'expired_unsent',
      });
    }
  });
});

describe('class A', () => {
  const a = (over: Partial<Doubt> = {}) => decide({ guarantee: 'A', ...over });

  test('the same call is made again at once, under every policy', () => {
    for (const policy of DELIVERY_POLICIES) expect(a({ policy })).toMatchObject({ do: 'repeat' });
  });

  test('repeats become rarer, and continue past the deadline while the provider remembers the key', () => {
    expect(a({ repeats: 1 })).toMatchObject({ do: 'wait', until: BEGAN + 1500 });
    const hour = { now: BEGAN + 60 * MINUTE, endedAt: BEGAN + 58 * MINUTE, repeats: 30 };
    expect(a(hour)).toMatchObject({ do: 'wait', until: hour.endedAt + 5 * MINUTE });
    expect(a({ ...hour, endedAt: hour.now - 6 * MINUTE })).toMatchObject({ do: 'repeat' });
    expect(a({ now: BEGAN + KEY_MEMORY_MS - 1, repeats: 200 })).toMatchObject({ do: 'repeat' });
    expect(a({ now: BEGAN + KEY_MEMORY_MS, repeats: 200 })).toMatchObject({ do: 'hold' });
  });

  test('however old a doubt is, its second repeat follows the first within seconds', () => {
    const old = { now: BEGAN + 60 * MINUTE, endedAt: BEGAN + 60 * MINUTE };
    expect(a({ ...old, repeats: 1 })).toMatchObject({ do: 'wait', until: old.now + 1000 });
    expect(a({ ...old, repeats: 2 })).toMatchObject({ do: 'wait', until: old.now + 2000 });
  });

  test('under at_least_once the deadline ends them', () => {
    expect(a({ ...late, policy: 'at_least_once', repeats: 9 })).toMatchObject({
      do: 'send_again',
      how: 'policy',
    });
  });

  test('after expires_at nothing is repeated: evidence is waited for, then it is dead without a send', () => {
    expect(a(expired)).toMatchObject({ do: 'wait' });
    expect(a({ ...expired, ...late })).toMatchObject({ do: 'give_up', code: 'expired_in_doubt' });
    expect(a({ ...expired, ...late, policy: 'ask' })).toMatchObject({ do: 'hold' });
  });

  test('a temporary obstacle is waited for; a permanent one leaves the doubt to the policy', () => {
    const until = BEGAN + 5 * MINUTE;
    expect(a({ obstacle: { why: 'quiet hours', until } })).toMatchObject({ do: 'wait', until });
    expect(a({ obstacle: { why: 'opted out', until: null } })).toMatchObject({
      do: 'wait',
      reason: 'evidence is waited for; so far: opted out',
    });
    expect(a({ obstacle: { why: 'opted out', until: null }, ...late })).toMatchObject({ do: 'hold' });
  });
});

describe('class B', () => {
  const b = (over: Partial<Doubt> = {}) =>
    decide({ guarantee: 'B', lookupSettlesAt: BEGAN + 2 * MINUTE, ...over });
  const settled = { now: BEGAN + 2 * MINUTE };

  test('the provider is queried first', () => {
    expect(b()).toEqual({ do: 'look_up' });
  });

  test('"not found" is not trusted before the lookup settles', () => {
    expect(b({ evidence: absent })).toMatchObject({ do: 'wait' });
    expect(b({ evidence: absent, now: BEGAN + 2 * MINUTE - 400 })).toMatchObject({
      do: 'wait',
      until: BEGAN + 2 * MINUTE,
    });
    expect(b({ evidence: absent, ...settled })).toMatchObject({ do: 'send_again', how: 'absent' });
  });

  test('a critical one waits past its deadline for a conclusive lookup, except under at_least_once', () => {
    const over = { priority: 'critical', evidence: absent, now: BEGAN + MINUTE } as const;
    expect(b(over)).toMatchObject({ do: 'wait' });
    expect(b({ ...over, policy: 'at_least_once' })).toMatchObject({ do: 'send_again', how: 'policy' });
  });

  test('not found is certain enough for every policy but at_most_once', () => {
    expect(b({ policy: 'ask', evidence: absent, ...settled })).toMatchObject({ do: 'send_again' });
    expect(b({ policy: 'at_most_once', evidence: absent, ...settled })).toMatchObject({ do: 'wait' });
    expect(b({ policy: 'at_most_once', evidence: absent, ...late })).toMatchObject({
      do: 'give_up',
      code: 'outcome_unknown',
    });
  });

  test('a provider that cannot be queried, or has a message too new to tell, is queried for five more minutes, except under at_least_once', () => {
    const unanswered: DoubtEvidence = { says: 'unknown', source: 'no answer', askAgain: true };
    const over = { priority: 'critical', evidence: unanswered, now: BEGAN + 3 * MINUTE } as const;
    expect(b(over)).toMatchObject({ do: 'wait' });
    expect(b({ ...over, now: BEGAN + 7 * MINUTE })).toMatchObject({ do: 'send_again', how: 'policy' });
    expect(b({ ...over, policy: 'at_least_once' })).toMatchObject({ do: 'send_again', how: 'policy' });
  });

  test('an ambiguous lookup is left to the policy at the deadline', () => {
    expect(b({ evidence: unknown })).toMatchObject({ do: 'wait' });
    expect(b({ evidence: unknown, ...late })).toMatchObject({ do: 'hold' });
    expect(b({ evidence: unknown, ...late, priority: 'critical' })).toMatchObject({ do: 'send_again' });
  });

  test('after expires_at it is still queried, but never sent', () => {
    expect(b(expired)).toEqual({ do: 'look_up' });
    expect(b({ ...expired, ...settled, evidence: absent })).toMatchObject({
      do: 'give_up',
      code: 'expired_unsent',
    });
  });
});

describe('class C', () => {
  const c = (over: Partial<Doubt> = {}) => decide({ guarantee: 'C', ...over });

  test('it is sent again at once, because the copy replaces the first', () => {
    expect(c()).toMatchObject({ do: 'send_again', how: 'replaced' });
    expect(c({ policy: 'at_least_once' })).toMatchObject({ do: 'send_again' });
  });

  test('one that is doubtful again and again is spaced out like a failing one, and then waits for a person', () => {
    expect(c({ resends: 1 })).toMatchObject({ do: 'wait', until: BEGAN + 500 + 30_000 });
    expect(c({ resends: 1, ...late })).toMatchObject({ do: 'send_again' });
    expect(c({ resends: MAX_RESENDS, ...late })).toMatchObject({ do: 'hold' });
  });

  test('at_most_once and ask do not send it again', () => {
    expect(c({ policy: 'at_most_once' })).toMatchObject({ do: 'wait' });
    expect(c({ policy: 'at_most_once', ...late })).toMatchObject({ do: 'give_up' });
    expect(c({ policy: 'ask', ...late })).toMatchObject({ do: 'hold' });
  });
});

describe('class D, or an account that is gone', () => {
  test.each([
    ['resolve', 'critical', 'send_again'],
    ['resolve', 'normal', 'hold'],
    ['resolve', 'bulk', 'hold'],
    ['at_least_once', 'bulk', 'send_again'],
    ['at_most_once', 'critical', 'give_up'],
    ['ask', 'critical', 'hold'],
  ] as const)('after the deadline %s makes a %s one: %s', (policy, priority, what) => {
    for (const guarantee of ['D', null] as const) {
      expect(decide({ guarantee, policy, priority })).toMatchObject({ do: 'wait' });
      expect(decide({ guarantee, policy, priority, ...late })).toMatchObject({ do: what });
    }
  });

  test('the deadline comes from the category, else from the priority', () => {
    for (const priority of PRIORITIES) {
      const seconds = RESOLVE_WITHIN_SECONDS[priority];
      expect(deadlineOf(doubt({ priority }))).toBe(BEGAN + seconds * 1000);
    }
    expect(deadlineOf(doubt({ resolveWithinSeconds: 7 }))).toBe(BEGAN + 7000);
  });
});

describe('a call that may have been made between a backup and its restore', () => {
  const HOUR = 60 * MINUTE;
  /** Restored three hours after the backup, a minute ago. */
  const since = {
    restored: true,
    startedAt: BEGAN,
    endedAt: BEGAN + 3 * HOUR,
    now: BEGAN + 3 * HOUR + MINUTE,
  };
  const lookup = { guarantee: 'B', lookupSettlesAt: since.endedAt + 2 * MINUTE } as const;

  test('is made again under its key, also at_least_once, while the provider remembers the time of the backup', () => {
    for (const policy of DELIVERY_POLICIES)
      expect(decide({ ...since, guarantee: 'A', policy })).toMatchObject({ do: 'repeat' });
    const old = { ...since, guarantee: 'A', now: BEGAN + KEY_MEMORY_MS } as const;
    expect(decide(old)).toMatchObject({ do: 'hold' });
  });

  test('is looked up, and is sent when the provider certainly does not have it, except under at_most_once', () => {
    expect(decide({ ...since, ...lookup })).toMatchObject({ do: 'look_up' });
    const settled = { ...since, ...lookup, now: lookup.lookupSettlesAt };
    expect(decide({ ...settled, evidence: accepted })).toMatchObject({ do: 'mark_sent' });
    expect(decide({ ...settled, evidence: absent })).toMatchObject({ do: 'send_again', how: 'absent' });
    expect(decide({ ...settled, evidence: absent, policy: 'at_most_once' })).toMatchObject({ do: 'hold' });
  });

  test('is looked up for an hour where the provider gives no clear answer, then it waits for a person', () => {
    const unclear = { ...since, ...lookup, evidence: unknown };
    expect(decide(unclear)).toMatchObject({ do: 'wait' });
    const later = { ...unclear, now: since.endedAt + RESTORED_PATIENCE_MS };
    expect(decide(later)).toMatchObject({ do: 'hold' });
  });

  test('waits for a person where nothing proves anything, whatever its class, policy and priority', () => {
    for (const guarantee of ['B', 'C', 'D', null] as const)
      for (const policy of DELIVERY_POLICIES)
        for (const priority of PRIORITIES)
          expect(decide({ ...since, guarantee, policy, priority })).toMatchObject({ do: 'hold' });
  });

  test('is given up when it has expired, and says that it may have arrived', () => {
    const gone = { ...since, expiresAt: BEGAN + HOUR };
    expect(decide(gone)).toMatchObject({ do: 'give_up', code: 'expired_in_doubt' });
    expect(decide({ ...gone, guarantee: 'A' })).toMatchObject({ do: 'give_up' });
  });
});

describe('a doubt of a stopped origin', () => {
  const classA = { guarantee: 'A' as const, ...late };

  test('is settled by evidence of acceptance', () => {
    for (const stopped of STOP_MODES)
      expect(decide({ stopped, evidence: accepted })).toMatchObject({ do: 'mark_sent' });
  });

  test('waits while the origin is paused, also where the same call could be made again', () => {
    const decision = decide({ ...classA, stopped: 'paused' });
    expect(decision).toMatchObject({ do: 'wait', reason: 'its campaign is paused' });
  });

  test('is left to evidence or a person when the origin was cancelled, also after a certain refusal', () => {
    for (const over of [classA, { evidence: refused }])
      expect(decide({ ...over, stopped: 'cancelled' })).toMatchObject({ do: 'hold' });
  });

  test('is never sent, whatever is known of it', () => {
    fc.assert(
      fc.property(anyDoubt, fc.constantFrom(...STOP_MODES), (any, stopped) => {
        expect(['repeat', 'send_again']).not.toContain(decideDoubt({ ...any, stopped }).do);
      }),
    );
  });
});

const anyEvidence = fc.constantFrom(null, accepted, refused, absent, unknown);
const anyDoubt: fc.Arbitrary<Doubt> = fc
  .record({
    guarantee: fc.constantFrom(...GUARANTEE_CLASSES, null),
    priority: fc.constantFrom(...PRIORITIES),
    policy: fc.constantFrom(...DELIVERY_POLICIES),
    resolveWithinSeconds: fc.option(fc.integer({ min: 1, max: 86_400 })),
    age: fc.oneof(fc.integer({ min: 0, max: 20 * MINUTE }), fc.integer({ min: 0, max: 30 * 60 * MINUTE })),
    sinceEnd: fc.integer({ min: 0, max: MINUTE }),
    expiresIn: fc.option(fc.integer({ min: -MINUTE, max: 40 * 60 * MINUTE })),
    settles: fc.option(fc.integer({ min: 0, max: 5 * MINUTE })),
    obstacle: fc.option(
      fc.record({
        why: fc.constant('in the way'),
        until: fc.option(fc.integer({ min: 0, max: MINUTE }).map((ms) => BEGAN + ms)),
      }),
    ),
    repeats: fc.nat(50),
    resends: fc.nat(MAX_RESENDS),
    restored: fc.boolean(),
    stopped: fc.constant(null),
    evidence: anyEvidence,
  })
  .map(({ age, sinceEnd, expiresIn, settles, ...rest }) => ({
    ...rest,
    startedAt: BEGAN,
    now: BEGAN + age,
    endedAt: BEGAN + Math.max(0, age - sinceEnd),
    expiresAt: expiresIn === null ? null : BEGAN + expiresIn,
    lookupSettlesAt: settles === null ? null : BEGAN + settles,
  }));

describe('for all facts', () => {
  const always = (property: (doubt: Doubt, decision: DoubtDecision) => void) =>
    fc.assert(
      fc.property(anyDoubt, (facts) => property(facts, decideDoubt(facts))),
      { numRuns: 2000 },
    );
  const isSend = (decision: DoubtDecision) => decision.do === 'repeat' || decision.do === 'send_again';

  test('nothing is sent after expires_at', () => {
    always(({ expiresAt, now }, decision) => {
      if (expiresAt !== null && expiresAt <= now) expect(isSend(decision)).toBe(false);
    });
  });

  test('at_most_once sends nothing new without the provider’s own refusal, and ask nothing without evidence', () => {
    always(({ policy, evidence, lookupSettlesAt, now }, decision) => {
      const isAbsent = evidence?.says === 'absent' && lookupSettlesAt !== null && now >= lookupSettlesAt;
      if (evidence?.says === 'refused' || decision.do !== 'send_again') return;
      expect(policy).not.toBe('at_most_once');
      if (policy === 'ask') expect(isAbsent).toBe(true);
    });
  });

  test('only class A is repeated, and only while its key is remembered', () => {
    always(({ guarantee, now, startedAt }, decision) => {
      if (decision.do !== 'repeat') return;
      expect(guarantee).toBe('A');
      expect(now - startedAt).toBeLessThan(KEY_MEMORY_MS);
    });
  });

  test('ask never gives up while it may have arrived, and no policy holds what evidence settles', () => {
    always(({ policy, evidence, resends }, decision) => {
      if (policy === 'ask' && decision.do === 'give_up') expect(decision.code).toBe('expired_unsent');
      if (evidence?.says === 'accepted') expect(decision.do).toBe('mark_sent');
      if (evidence?.says === 'refused' && resends < MAX_RESENDS) expect(decision.do).not.toBe('hold');
    });
  });

  test('a wait ends later than now', () => {
    always(({ now }, decision) => {
      if (decision.do === 'wait') expect(decision.until).toBeGreaterThan(now);
    });
  });

  test('a doubt without any evidence is settled or held in the end', () => {
    fc.assert(
      fc.property(anyDoubt, (facts) => {
        const doubt = { ...facts, evidence: null as DoubtEvidence | null, obstacle: null };
        for (let looks = 0; looks < 2000; looks++) {
          const decision = decideDoubt(doubt);
          if (decision.do === 'look_up') doubt.evidence = unknown;
          else if (decision.do === 'wait') {
            doubt.now = decision.until;
            doubt.evidence = null;
          } else if (decision.do === 'repeat') {
            doubt.repeats++;
            doubt.now += 10_000;
            doubt.endedAt = doubt.now;
          } else return;
        }
        throw new Error('still looking');
      }),
    );
  });
});

describe('the edges', () => {
  test('deadlines, memories and bounds are those that the documentation names', () => {
    expect(RESOLVE_WITHIN_SECONDS).toEqual({ critical: 30, normal: 300, bulk: 600 });
    expect(KEY_MEMORY_MS).toBe(82_800_000);
    expect(MAX_RESENDS).toBe(5);
    expect(FIRST_LOOK_MS).toEqual({ A: 0, B: 2_000, C: 0, D: 2_000 });
  });

  test('the policy decides at the deadline, not a millisecond before', () => {
    expect(decide({ now: BEGAN + 5 * MINUTE - 1 })).toMatchObject({ do: 'wait', until: BEGAN + 5 * MINUTE });
    expect(decide({ now: BEGAN + 5 * MINUTE })).toMatchObject({ do: 'hold' });
  });

  test('of class A under at_least_once, the deadline itself ends the repeats', () => {
    const a = { guarantee: 'A', policy: 'at_least_once' } as const;
    expect(decide({ ...a, now: BEGAN + 5 * MINUTE - 1 })).toMatchObject({ do: 'repeat' });
    expect(decide({ ...a, now: BEGAN + 5 * MINUTE })).toMatchObject({ do: 'send_again' });
    expect(decide({ ...a, policy: 'resolve', now: BEGAN + 5 * MINUTE })).toMatchObject({ do: 'repeat' });
  });

  test('a message has expired at expires_at, not before', () => {
    const now = BEGAN + 1000;
    expect(decide({ guarantee: 'C', now, expiresAt: now })).not.toMatchObject({ do: 'send_again' });
    expect(decide({ guarantee: 'C', now, expiresAt: now + 1 })).toMatchObject({ do: 'send_again' });
  });

  test('a provider without an answer is queried until five minutes after its lookup settles', () => {
    const unanswered: DoubtEvidence = { says: 'unknown', source: 'no answer', askAgain: true };
    const of = { guarantee: 'B', priority: 'critical', evidence: unanswered } as const;
    const settles = { lookupSettlesAt: BEGAN + 2 * MINUTE };
    expect(deadlineOf(doubt({ ...of, ...settles }))).toBe(BEGAN + 7 * MINUTE);
    expect(deadlineOf(doubt({ ...of, ...settles, evidence: unknown }))).toBe(BEGAN + 2 * MINUTE);
    expect(deadlineOf(doubt({ ...of, ...settles, evidence: null }))).toBe(BEGAN + 2 * MINUTE);
    expect(deadlineOf(doubt({ ...of, ...settles, policy: 'at_least_once' }))).toBe(BEGAN + 30_000);
    expect(deadlineOf(doubt(of))).toBe(BEGAN + 30_000);
  });

  test('looks come after half the age of the doubt, between a second and five minutes', () => {
    const look = (ageMs: number) => decide({ resolveWithinSeconds: 86_400, now: BEGAN + ageMs });
    expect(look(100)).toMatchObject({ do: 'wait', until: BEGAN + 1_100 });
    expect(look(10_000)).toMatchObject({ do: 'wait', until: BEGAN + 15_000 });
    expect(look(20 * MINUTE)).toMatchObject({ do: 'wait', until: BEGAN + 25 * MINUTE });
  });

  test('a repeat is due at the end of its pause', () => {
    expect([1, 2, 9, 10, 40].map(repeatPauseMs)).toEqual([1_000, 2_000, 256_000, 300_000, 300_000]);
    const a = { guarantee: 'A', repeats: 2, endedAt: BEGAN } as const;
    expect(decide({ ...a, now: BEGAN + 1_999 })).toMatchObject({ do: 'wait', until: BEGAN + 2_000 });
    expect(decide({ ...a, now: BEGAN + 2_000 })).toMatchObject({ do: 'repeat' });
  });

  test('an obstacle that is already gone is checked again in a second', () => {
    const obstacle = { why: 'quiet hours', until: BEGAN };
    expect(decide({ guarantee: 'A', obstacle, now: BEGAN + 5_000 })).toEqual({
      do: 'wait',
      until: BEGAN + 6_000,
      reason: 'quiet hours',
    });
  });

  test('of class C each copy waits as long as a failing message would, and is due at the end of that', () => {
    const due = (resends: number) => decide({ guarantee: 'C', resends, endedAt: BEGAN, now: BEGAN });
    expect([1, 2, 3, 4].map((resends) => due(resends))).toMatchObject(
      [30, 120, 600, 1_800].map((seconds) => ({ do: 'wait', until: BEGAN + seconds * 1000 })),
    );
    const c = { guarantee: 'C', resends: 1, endedAt: BEGAN } as const;
    expect(decide({ ...c, now: BEGAN + 29_999 })).toMatchObject({ do: 'wait' });
    expect(decide({ ...c, now: BEGAN + 30_000 })).toMatchObject({ do: 'send_again' });
  });

  test('the fifth copy is sent, a sixth is not', () => {
    expect(decide({ evidence: refused, resends: 4 })).toMatchObject({ do: 'send_again' });
    expect(decide({ evidence: refused, resends: 5 })).toMatchObject({ do: 'hold' });
  });

  test('the reason states what is known so far, if anything', () => {
    const reason = (over: Partial<Doubt>) => (decide(over) as { reason: string }).reason;
    expect(reason({})).toBe('evidence is waited for');
    expect(reason({ guarantee: 'B', evidence: unknown })).toBe(
      'evidence is waited for; so far: two are alike',
    );
    const both = { evidence: unknown, obstacle: { why: 'opted out', until: null } };
    expect(reason(both)).toBe('evidence is waited for; so far: two are alike');
    expect(reason({ policy: 'at_least_once', ...late })).toContain('rather sent twice than not');
    expect(reason({ priority: 'critical', ...late })).toContain('it is critical');
  });
});
