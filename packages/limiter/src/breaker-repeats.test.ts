import { expect, test } from 'vitest';
import { createRepeats } from './breaker-repeats.ts';

const FIRST = { repeats: 0, onTrial: false };
const LATER = { repeats: 20, onTrial: false };
const TRIAL = { repeats: 20, onTrial: true };

/** Repeats of one account, each of another message. */
function repeats() {
  const made = createRepeats();
  let calls = 0;
  const take = (call: typeof FIRST, now = 0) => {
    const id = `n${++calls}`;
    return { id, place: made.take('a', id, call, now) };
  };
  const fail = (now = 0) => {
    const { id, place } = take(LATER, now);
    made.learn('a', id, false);
    made.leave(id);
    return place;
  };
  return { made, take, fail };
}

test('while repeats succeed only their number at a time is bounded, first ones separately from later ones', () => {
  const { made, take } = repeats();
  const later = Array.from({ length: 26 }, () => take(LATER));
  expect(later.filter(({ place }) => place.taken)).toHaveLength(25);
  expect(Array.from({ length: 51 }, () => take(FIRST)).filter(({ place }) => place.taken)).toHaveLength(50);
  made.learn('a', later[0]!.id, true);
  made.leave(later[0]!.id);
  expect(take(LATER).place).toEqual({ taken: true });
});

test('after one that failed again they come one a second, in turn, until one succeeds', () => {
  const { made, take, fail } = repeats();
  fail();
  expect(take(LATER, 100).place).toEqual({ taken: false, retryInMs: 900 });
  expect(take(LATER, 100).place).toEqual({ taken: false, retryInMs: 1900 });
  const next = take(LATER, 1000);
  expect(next.place).toEqual({ taken: true });
  made.learn('a', next.id, true);
  expect(take(LATER, 1001).place).toEqual({ taken: true });
});

test('a thousand messages that fail at every repeat make no more than sixty calls a minute', () => {
  const { made } = repeats();
  const due = Array.from({ length: 1000 }, (_, n) => ({ id: `p${n}`, at: 0 }));
  let calls = 0;
  for (let now = 0; now < 60_000; now += 50)
    for (const message of due.filter(({ at }) => at <= now)) {
      const place = made.take('a', message.id, LATER, now);
      message.at = now + (place.taken ? 2000 : place.retryInMs);
      if (!place.taken) continue;
      calls++;
      made.learn('a', message.id, false);
      made.leave(message.id);
    }
  expect(calls).toBeGreaterThan(30);
  // Those that begin before the first has failed are not among them.
  expect(calls).toBeLessThanOrEqual(85);
});

test('a doubt that was not repeated yet does not wait for those that fail repeatedly', () => {
  const { take, fail } = repeats();
  fail();
  expect(take(FIRST, 10).place).toEqual({ taken: true });
  expect(take(LATER, 1000).place).toEqual({ taken: true });
});

test('no repeat waits longer than five minutes for its turn', () => {
  const { take, fail } = repeats();
  fail();
  const waits = Array.from({ length: 400 }, () => take(LATER, 10).place).map((place) =>
    place.taken ? 0 : place.retryInMs,
  );
  expect(Math.max(...waits)).toBe(300_000);
});

test('while the account is on trial there is one repeat at a time, and one a second', () => {
  const { made, take } = repeats();
  const first = take({ repeats: 0, onTrial: true });
  expect(first.place).toEqual({ taken: true });
  expect(take(TRIAL, 1000).place).toMatchObject({ taken: false });
  made.leave(first.id);
  expect(take(TRIAL, 1001).place).toEqual({ taken: true });
});

test('a doubt that was repeated a few times comes back soon, however many others wait', () => {
  const { take, fail } = repeats();
  fail();
  for (let n = 0; n < 100; n++) take(LATER, 10);
  expect(take({ repeats: 3, onTrial: false }, 10).place).toEqual({ taken: false, retryInMs: 4000 });
});

test('accounts do not share their pace, and other calls have no part in it', () => {
  const { made, take, fail } = repeats();
  fail();
  expect(made.take('b', 'x', LATER, 10)).toEqual({ taken: true });
  made.learn('a', 'a delivery', true);
  expect(take(LATER, 20).place).toMatchObject({ taken: false });
});
