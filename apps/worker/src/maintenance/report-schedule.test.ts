import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askAges, comingOfAge, SENT_WITHIN_MS } from './report-schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const validity = fc.integer({ min: 1000, max: 36_000_000 });

test('Twilio is queried about a message after 30 s, 2 min, 10 min, 1 h, every 3 h, and last when its validity is over', () => {
  const expected = [MINUTE / 2, 2 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 7 * HOUR, 10 * HOUR];
  expect(askAges(10 * HOUR)).toEqual([...expected, 10 * HOUR + 10 * MINUTE]);
});

test('about a message that is dropped after a minute the last question comes ten minutes later', () => {
  expect(askAges(MINUTE)).toEqual([MINUTE / 2, 2 * MINUTE, 10 * MINUTE, 11 * MINUTE]);
});

test('whatever the validity, the questions are few, at growing intervals, and the last comes after its end', () => {
  fc.assert(
    fc.property(validity, (finalAfterMs) => {
      const ages = askAges(finalAfterMs);
      expect(ages.length).toBeLessThanOrEqual(8);
      expect(ages).toEqual([...new Set(ages)].sort((a, b) => a - b));
      expect(ages.filter((ms) => ms > finalAfterMs).length).toBeGreaterThan(0);
      expect(ages.at(-1)).toBe(finalAfterMs + 10 * MINUTE);
    }),
  );
});

test('over all turns every message sent soon after its creation is looked at once it is due, at each of its ages', () => {
  const turns = fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(validity, turns, fc.nat(), (finalAfterMs, lengths, sentAfter) => {
      const ages = askAges(finalAfterMs);
      const sentAt = sentAfter % SENT_WITHIN_MS;
      for (const age of ages) {
        // Created at 0; the turns begin before it reaches this age.
        let since = age - 1;
        let met = false;
        for (const length of [...lengths, SENT_WITHIN_MS + 2]) {
          const until = since + length;
          const here = comingOfAge([age], since, until).some(([from, to]) => from <= 0 && 0 < to);
          if (here) expect(until).toBeGreaterThan(sentAt + age);
          met ||= here;
          since = until;
        }
        expect(met).toBe(true);
      }
    }),
  );
});

test('accounts of the same schedule do not make a turn read anything twice', () => {
  const ages = askAges(10 * HOUR);
  expect(comingOfAge([...ages, ...ages], 0, 1000)).toHaveLength(ages.length);
});
