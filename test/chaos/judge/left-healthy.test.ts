import { expect, test } from 'vitest';
import { type BreakerSighting, findLeftHealthy } from './left-healthy.ts';

const seen = (over: Partial<BreakerSighting> = {}): BreakerSighting[] => [
  { account: 'resend', state: 'closed', changedAt: 1000, reason: null, ...over },
];

test('a breaker that stayed closed is no finding', () => {
  expect(findLeftHealthy(seen(), seen())).toEqual([]);
});

test.each([
  ['open', seen({ state: 'open', changedAt: 2000 })],
  ['on trial', seen({ state: 'half_open', changedAt: 2000 })],
  ['closed again', seen({ changedAt: 2000 })],
  ['gone', []],
])('a breaker that is %s at the end has moved', (_, after) => {
  expect(findLeftHealthy(seen(), after)).toMatchObject([{ rule: 'left_healthy', id: 'resend' }]);
});
