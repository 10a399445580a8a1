import { expect, test } from 'vitest';
import { byteBudget } from './byte-budget.ts';

const LONG_MS = 60_000;

test('what fits is given at once; what does not fit waits until something is given back', async () => {
  const budget = byteBudget(100);
  const first = (await budget.take(60, 0))!;
  const second = (await budget.take(40, 0))!;
  const order: string[] = [];
  const third = budget.take(30, LONG_MS).then((giveBack) => {
    order.push('third');
    return giveBack!;
  });
  order.push('given back');
  second();
  (await third)();
  expect(order).toEqual(['given back', 'third']);
  first();
});

test('whose turn does not come in time goes without, and those behind it move up', async () => {
  const budget = byteBudget(100);
  const most = (await budget.take(80, 0))!;
  const large = budget.take(50, 1);
  const small = budget.take(20, LONG_MS);
  expect(await large).toBeNull();
  expect(await small).not.toBeNull();
  most();
});

test('a large one is not passed by small ones for ever', async () => {
  const budget = byteBudget(100);
  const first = (await budget.take(60, 0))!;
  const large = budget.take(90, LONG_MS);
  expect(await budget.take(10, 1)).toBeNull();
  first();
  expect(await large).not.toBeNull();
});

test('what is larger than the budget goes alone', async () => {
  const budget = byteBudget(100);
  const all = (await budget.take(500, 0))!;
  expect(await budget.take(1, 1)).toBeNull();
  all();
  expect(await budget.take(1, 1)).not.toBeNull();
});

test('giving back twice is giving back once', async () => {
  const budget = byteBudget(100);
  const one = (await budget.take(60, 0))!;
  const other = (await budget.take(40, 0))!;
  one();
  one();
  expect(await budget.take(70, 1)).toBeNull();
  other();
});
