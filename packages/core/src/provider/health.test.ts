import { expect, test } from 'vitest';
import { accountFigures, accountUse } from './health.ts';

test('wrong addresses do not make an account look broken, and limits count neither way', () => {
  const outcomes = { accepted: 6, bad_recipient: 1, rejected: 1, transient: 1, in_doubt: 1, throttled: 90 };
  expect(accountFigures({ outcomes, lastMinute: 30 }, 2)).toEqual({
    calls: 100,
    perSecond: 0.5,
    successRatio: 0.8,
    limitUsed: 0.25,
  });
});

test('without calls there is no ratio, and without a rate no use of it', () => {
  expect(accountFigures({ outcomes: {}, lastMinute: 0 }, null)).toEqual({
    calls: 0,
    perSecond: 0,
    successRatio: null,
    limitUsed: null,
  });
  expect(accountFigures({ outcomes: { quota: 3 }, lastMinute: 3 }, null).successRatio).toBeNull();
});

const breaker = (
  state: 'closed' | 'open' | 'half_open',
  heldBy: string | null = null,
  reason: string | null = null,
) => ({
  state,
  heldBy,
  reason,
});
test.each([
  [false, breaker('closed'), 'not_used', /disabled/],
  [true, null, 'in_use', /no worker/],
  [true, breaker('closed'), 'in_use', /works/],
  [true, breaker('open', null, '12 of 20 failed'), 'not_used', /asked until.*12 of 20/],
  [true, breaker('half_open'), 'on_trial', /a few calls/],
  [true, breaker('open', 'staff:ada', 'price'), 'not_used', /held by hand.*price/],
  [true, breaker('closed', 'staff:ada'), 'in_use', /held by hand, it is used whatever fails/],
] as const)('enabled %s with the breaker %j is %s', (enabled, state, use, why) => {
  const said = accountUse(enabled, state);
  expect(said.use).toBe(use);
  expect(said.why).toMatch(why);
});
