import { expect, test } from 'vitest';
import { fairQueue } from './fair-queue.ts';

test('a party may have exactly as much waiting as its bound, not more', () => {
  const queue = fairQueue<number>({ ofParty: 10, ofAll: 100 });
  expect(queue.push('a', 1, 4)).toBe(true);
  expect(queue.push('a', 2, 6)).toBe(true);
  expect(queue.push('a', 3, 1)).toBe(false);
  expect(queue.push('b', 4, 10)).toBe(true);
  expect(queue.size).toBe(3);
});

test('all parties together may have exactly as much waiting as the bound of all, not more', () => {
  const queue = fairQueue<number>({ ofParty: 10, ofAll: 15 });
  expect(queue.push('a', 1, 10)).toBe(true);
  expect(queue.push('b', 2, 5)).toBe(true);
  expect(queue.push('c', 3, 1)).toBe(false);
  expect(queue.size).toBe(2);
});

test('one item of any weight may wait, and of a party any one that the bound of all leaves room for', () => {
  const queue = fairQueue<number>({ ofParty: 10, ofAll: 50 });
  expect(queue.push('a', 1, 30)).toBe(true);
  expect(queue.push('a', 2, 1)).toBe(false);
  expect(queue.push('b', 3, 20)).toBe(true);
  const heavy = fairQueue<number>({ ofParty: 10, ofAll: 50 });
  expect(heavy.push('a', 1, 51)).toBe(true);
  expect(heavy.push('b', 2, 1)).toBe(false);
});

test('what is served or removed makes room for as much', () => {
  const queue = fairQueue<number>({ ofParty: 10, ofAll: 15 });
  for (const [party, item, weight] of [
    ['a', 1, 6],
    ['a', 2, 4],
    ['b', 3, 5],
  ] as const)
    queue.push(party, item, weight);
  expect(queue.shift()).toBe(1);
  expect(queue.push('a', 4, 7)).toBe(false);
  expect(queue.push('a', 5, 6)).toBe(true);
  expect(queue.push('c', 6, 1)).toBe(false);
  expect(queue.drain().toSorted()).toEqual([2, 3, 5]);
  expect(queue.size).toBe(0);
  expect(queue.shift()).toBeUndefined();
  expect(queue.push('c', 7, 10)).toBe(true);
  expect(queue.push('d', 8, 5)).toBe(true);
});
