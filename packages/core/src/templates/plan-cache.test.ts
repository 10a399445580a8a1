import { expect, test } from 'vitest';
import { PlanCache } from './plan-cache.ts';

test('the least recently used goes first', () => {
  const cache = new PlanCache<number>(2, 100);
  cache.set('a', 1, 1);
  cache.set('b', 2, 1);
  cache.get('a');
  cache.set('c', 3, 1);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
});

test('the weight of all is bounded, and replacing a value replaces its weight', () => {
  const cache = new PlanCache<number>(10, 10);
  cache.set('a', 1, 6);
  cache.set('a', 2, 4);
  cache.set('b', 3, 6);
  expect(cache.size).toBe(2);
  cache.set('c', 4, 5);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, undefined, 4]);
  cache.set('giant', 5, 11);
  expect([cache.get('giant'), cache.get('c')]).toEqual([undefined, 4]);
});
