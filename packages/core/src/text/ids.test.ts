import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptId, chunkId, eventKey, notificationId, parseAttemptId, randomIdempotencyKey } from './ids.ts';

const APP = '018f0000-0000-7000-8000-000000000001';
const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('the same app, environment and key always make the same version-8 uuid', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (key) => {
      const id = notificationId(APP, 'live', key);
      expect(id).toMatch(UUID_V8);
      expect(notificationId(APP, 'live', key)).toBe(id);
    }),
  );
});

test('another key, environment or app makes another id', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      fc.pre(a !== b);
      expect(notificationId(APP, 'live', a)).not.toBe(notificationId(APP, 'live', b));
      expect(notificationId(APP, 'live', a)).not.toBe(notificationId(APP, 'test', a));
      expect(eventKey(a, b, 'e')).not.toBe(eventKey(b, a, 'e'));
    }),
  );
});

test('parts are delimited: moving a character from one to the next changes the id', () => {
  expect(eventKey('user_1', '2', 'x')).not.toBe(eventKey('user_', '12', 'x'));
  expect(eventKey('a', 'b;1:c', 'd')).not.toBe(eventKey('a', 'b', 'c;1:d'));
});

test('this id never changes between releases: keys of running systems depend on it', () => {
  expect(notificationId(APP, 'live', 'order-17-shipped')).toBe('c29af63a-c52a-8171-96a2-a15d530c546b');
});

test('a notification id is a job id that BullMQ accepts: no colon, not all digits', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      const id = notificationId(APP, 'test', key);
      expect(id).not.toContain(':');
      expect(/^\d+$/.test(id)).toBe(false);
    }),
  );
});

test('attempt ids can be parsed, and nothing else can', () => {
  const id = notificationId(APP, 'live', 'k');
  expect(parseAttemptId(attemptId(id, 3))).toEqual({ notificationId: id, n: 3 });
  for (const wrong of ['', id, `${id}/0`, `${id}/-1`, `${id}/1x`, `x${id}/1`, `${id}/1/2`])
    expect(parseAttemptId(wrong)).toBeNull();
});

test('a chunk of the same ids is the same job; another order or another id is another', () => {
  const ids = ['a', 'b', 'c'].map((key) => notificationId(APP, 'live', key));
  expect(chunkId(ids)).toBe(chunkId([...ids]));
  expect(chunkId(ids)).not.toBe(chunkId(ids.toReversed()));
  expect(chunkId(ids)).not.toContain(':');
});

test('keys made for requests without one do not repeat', () => {
  expect(new Set(Array.from({ length: 1000 }, randomIdempotencyKey)).size).toBe(1000);
});

test('an attempt has the numbers 1 to 32,767, which the column for it can hold', () => {
  const id = notificationId(APP, 'live', 'k');
  expect(parseAttemptId(`${id}/32767`)).toEqual({ notificationId: id, n: 32_767 });
  expect(parseAttemptId(`${id}/1`)).toEqual({ notificationId: id, n: 1 });
  expect(parseAttemptId(`${id}/32768`)).toBeNull();
});
