import { expect, test } from 'vitest';
import { OUTCOME_CLASSES, spendsAttempt } from './outcome.ts';

test('a limit, a quota or the account’s own fault uses no try; every other outcome does', () => {
  expect(Object.fromEntries(OUTCOME_CLASSES.map((outcome) => [outcome, spendsAttempt(outcome)]))).toEqual({
    accepted: true,
    transient: true,
    throttled: false,
    quota: false,
    in_doubt: true,
    rejected: true,
    bad_recipient: true,
    misconfigured: false,
  });
});
