import { expect, test } from 'vitest';
import { type OperationId, ROUTES } from './api-types.ts';
import { isDoneBefore, nextWaitMs } from './retry-rule.ts';

const ended = (status: number | null, retryAfterSeconds: number | null = null) => ({
  status,
  code: '',
  retryAfterSeconds,
});

test('waits double from 250 ms up to 8 s, half of each random', () => {
  const waits = (random: number) =>
    [1, 2, 3, 4, 5, 6, 7].map((tries) => nextWaitMs('sendNotification', ended(503), tries, 10, random));
  expect(waits(1)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
  expect(waits(0)).toEqual([125, 250, 500, 1000, 2000, 4000, 4000]);
});

test('a wait is never shorter than Retry-After', () => {
  expect(nextWaitMs('sendNotification', ended(429, 5), 1, 3, 0)).toBe(5125);
});

test('more than a minute of Retry-After is not waited for', () => {
  expect(nextWaitMs('sendNotification', ended(503, 60), 1, 3, 0)).not.toBeNull();
  expect(nextWaitMs('sendNotification', ended(503, 61), 1, 3, 0)).toBeNull();
});

test('it gives up after the given number of retries; with none it never retries', () => {
  expect(nextWaitMs('sendNotification', ended(null), 3, 3, 0)).not.toBeNull();
  expect(nextWaitMs('sendNotification', ended(null), 4, 3, 0)).toBeNull();
  expect(nextWaitMs('sendNotification', ended(null), 1, 0, 0)).toBeNull();
});

test.each([400, 401, 403, 404, 409, 413, 415, 422, 301, 200])('%i is final', (status) => {
  expect(nextWaitMs('sendNotification', ended(status), 1, 3, 0)).toBeNull();
});

test.each([
  'retryNotification',
  'markNotificationSent',
  'createWebhookEndpoint',
  'rotateWebhookSecret',
  'replayWebhookEvents',
  'createApiKey',
  'rotateApiKey',
  'createStaffMember',
  'resetStaffPassword',
] as const)(
  '%s, which has an effect each time, is repeated only when it certainly did nothing',
  (operation) => {
    expect(nextWaitMs(operation, ended(429), 1, 3, 0)).not.toBeNull();
    for (const status of [null, 500, 502, 503]) {
      expect(nextWaitMs(operation, ended(status), 1, 3, 0)).toBeNull();
    }
  },
);

test('only a repeated DELETE may succeed with 404', () => {
  expect(isDoneBefore('eraseRecipient', ended(404))).toBe(true);
  expect(isDoneBefore('eraseRecipient', ended(409))).toBe(false);
  expect(isDoneBefore('getRecipient', ended(404))).toBe(false);
});

test('every other method except POST is repeated', () => {
  for (const [operation, { method }] of Object.entries(ROUTES) as [OperationId, { method: string }][]) {
    if (method !== 'POST') expect(nextWaitMs(operation, ended(503), 1, 3, 0), operation).not.toBeNull();
  }
});
