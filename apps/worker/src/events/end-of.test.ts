import { expect, test } from 'vitest';
import { endOf } from './emit.ts';
import type { PostResult } from './guarded-post.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const HOUR = 3_600_000;
const after = (tries: number, result: PostResult) =>
  endOf({ eventId: 'e', endpointId: 'w', tries }, result, 1, 0.5, NOW);

test.each<[number, string | undefined, number]>([
  [500, undefined, 5_000],
  [429, '40', 40_000],
  [503, 'Sat, 28 Nov 2026 13:00:00 GMT', HOUR],
  [503, '3600', HOUR],
  [302, '40', 40_000],
  [404, '40', 40_000],
  [429, '2', 5_000],
  [429, 'Sat, 28 Nov 2026 11:00:00 GMT', 5_000],
  [429, 'soon', 5_000],
  [429, '99999999999', 24 * HOUR],
])('%i with Retry-After %s: the longer wait of the two, at most a day', (status, retryAfter, waitMs) => {
  expect(after(1, { status, retryAfter }).retryInMs).toBe(waitMs);
});

test('Retry-After adds no try: the schedule ends as it would without', () => {
  expect(after(8, { status: 429, retryAfter: '40' })).toMatchObject({ retryInMs: null, delivered: false });
  expect(after(7, { status: 429, retryAfter: '40' }).retryInMs).toBe(10 * HOUR);
});

test('410 ends the endpoint, whatever else the answer contains', () => {
  expect(after(1, { status: 410, retryAfter: '40' })).toMatchObject({ gone: true, retryInMs: null });
});

test('only a try whose name DNS did not answer for is not counted against the endpoint', () => {
  expect(after(1, { error: 'no DNS', unresolved: true })).toMatchObject({
    blameless: true,
    retryInMs: 5_000,
  });
  expect(after(1, { error: 'refused' })).toMatchObject({ blameless: false });
  expect(after(1, { status: 500, retryAfter: undefined })).toMatchObject({ blameless: false });
});
