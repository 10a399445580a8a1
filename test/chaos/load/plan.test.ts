import { expect, test } from 'vitest';
import { planLoad } from './plan.ts';
import { createRandom } from './random.ts';

const options = { run: 'r', notifications: 6_000, scheduleWithinMs: 10_000 };
const plan = (seed: number) => [...planLoad(options, createRandom(seed).fork('load'))];

test('the same seed plans the same load, another seed another', () => {
  expect(JSON.stringify(plan(7))).toBe(JSON.stringify(plan(7)));
  expect(JSON.stringify(plan(7))).not.toBe(JSON.stringify(plan(8)));
});

test('it plans exactly as many notifications as asked for, each with a key of its own', () => {
  const keys = plan(1).flatMap(({ items }) => items.map(({ key }) => key));
  expect(keys).toHaveLength(6_000);
  expect(new Set(keys).size).toBe(6_000);
});

test('a batch is of one environment, and what keeps an order travels alone', () => {
  for (const { environment, items, isBatch } of plan(2)) {
    expect(items.every(({ species }) => species.environment === environment)).toBe(true);
    if (items.some(({ orderingKey }) => orderingKey !== null)) expect(isBatch).toBe(false);
  }
});

test('everything a judge has a rule for is in it', () => {
  const items = plan(3).flatMap(({ items }) => items);
  for (const has of [
    (item: (typeof items)[number]) => item.sendInMs !== null,
    (item: (typeof items)[number]) => item.ttlSeconds !== null,
    (item: (typeof items)[number]) => item.cancelAfterMs !== null,
    (item: (typeof items)[number]) => item.orderingKey !== null,
    (item: (typeof items)[number]) => item.species.refusable === true,
    (item: (typeof items)[number]) => item.species.route.length > 1,
  ])
    expect(items.filter(has).length).toBeGreaterThan(20);
  const combinations = new Set(
    items.map(
      ({ species, priority, policy }) => `${species.route[0]} ${species.environment} ${priority} ${policy}`,
    ),
  );
  expect(combinations.size).toBeGreaterThanOrEqual(7 * 3 * 4 - 5);
});

test('chance is spread as its weights say', () => {
  const random = createRandom(5);
  const drawn = Array.from({ length: 4_000 }, () => random.weighted([{ weight: 1 }, { weight: 3 }]).weight);
  expect(drawn.filter((weight) => weight === 3).length / 4_000).toBeCloseTo(0.75, 1);
  expect(random.shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
});
