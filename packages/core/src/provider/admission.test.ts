import { expect, test } from 'vitest';
import { admissionBy } from './admission.ts';
import type { Breaker } from './breaker.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const breaker = (over: Partial<Breaker>): Breaker => ({
  account: 'resend',
  state: 'open',
  heldBy: null,
  reason: null,
  changedAt: new Date(NOW),
  probeAt: new Date(NOW + 4000),
  coolDownSeconds: 5,
  ...over,
});

test('a closed breaker admits, a half-open one on trial, and an account without one is admitted', () => {
  expect(admissionBy(undefined, NOW)).toEqual({ admitted: true, isTrial: false });
  expect(admissionBy(breaker({ state: 'closed' }), NOW)).toEqual({ admitted: true, isTrial: false });
  expect(admissionBy(breaker({ state: 'half_open' }), NOW)).toEqual({ admitted: true, isTrial: true });
});

test('an open one refuses until a second after its probe, and never for longer than its cool-down', () => {
  const waitMs = (probeIn: number) => {
    const admission = admissionBy(breaker({ probeAt: new Date(NOW + probeIn) }), NOW);
    return admission.admitted ? null : admission.retryInMs;
  };
  expect([-1, 0, 1, 4000, 5000, 60_000].map(waitMs)).toEqual([1000, 1000, 1001, 5000, 6000, 6000]);
});

test('the refusal names who holds it and why it is open, without times, so that a repeat is the same text', () => {
  const why = (over: Partial<Breaker>) => {
    const admission = admissionBy(breaker(over), NOW);
    return admission.admitted ? null : admission.why;
  };
  expect(why({})).toBe('the breaker of resend is open');
  expect(why({ reason: '9 of 10 failed' })).toBe('the breaker of resend is open (9 of 10 failed)');
  expect(why({ heldBy: 'ada@example.test', reason: 'maintenance' })).toBe(
    'the breaker of resend is open by ada@example.test (maintenance)',
  );
  expect(admissionBy(breaker({ heldBy: 'ada', probeAt: null }), NOW)).toMatchObject({ retryInMs: 30_000 });
});
