import { expect, test } from 'vitest';
import { mayReadMetrics } from './metrics-token.ts';

const METRICS_TOKEN = 'a-token-of-enough-characters';
test.each<[string, string | undefined, string | undefined, boolean]>([
  ['development', undefined, undefined, true],
  ['production', undefined, undefined, false],
  ['production', undefined, 'Bearer ', false],
  ['production', undefined, 'Bearer undefined', false],
  ['development', METRICS_TOKEN, undefined, false],
  ['production', METRICS_TOKEN, METRICS_TOKEN, false],
  ['production', METRICS_TOKEN, `Bearer ${METRICS_TOKEN}x`, false],
  ['production', METRICS_TOKEN, `Bearer ${METRICS_TOKEN}`, true],
])('in %s with the token %s, metrics for "%s" are shown: %s', (NODE_ENV, token, header, shown) => {
  expect(mayReadMetrics({ NODE_ENV, METRICS_TOKEN: token }, header)).toBe(shown);
});
