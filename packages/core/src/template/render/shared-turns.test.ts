import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sharedTurns } from './shared-turns.ts';

/** Work by a clock that is set by hand, and a note of when the event loop had its turn. */
function turns() {
  let ms = 0;
  const shared = sharedTurns(() => ms);
  const order: string[] = [];
  const work = (name: string, tookMs: number) =>
    shared.of(() => {
      ms += tookMs;
      order.push(name);
      return name;
    });
  return { shared, order, work };
}

test('work of less than 8 ms is done in the same turn of the event loop', async () => {
  const { shared, order, work } = turns();
  const turn = nextTurn().then(() => order.push('turn'));
  for (const name of ['a', 'b']) {
    await shared.next();
    expect(work(name, 3.9)).toBe(name);
  }
  await shared.next();
  work('c', 0.1);
  await turn;
  expect(order).toEqual(['a', 'b', 'c', 'turn']);
});

test('after 8 ms of work the event loop has a turn, and then there are 8 ms again', async () => {
  const { shared, order, work } = turns();
  work('a', 8);
  const turn = nextTurn().then(() => order.push('turn'));
  const waiting = ['b', 'c'].map(async (name) => {
    await shared.next();
    work(name, 4);
  });
  await Promise.all([...waiting, turn]);
  expect(order[0]).toBe('a');
  expect(order[1]).toBe('turn');
  expect(order.slice(2)).toEqual(['b', 'c']);
});

test('work that throws counts as well', async () => {
  const { shared, order, work } = turns();
  expect(() =>
    shared.of(() => {
      work('a', 4);
      throw new Error('broken');
    }),
  ).toThrow('broken');
  const turn = nextTurn().then(() => order.push('turn'));
  await shared.next();
  work('b', 1);
  await turn;
  expect(order).toEqual(['a', 'turn', 'b']);
});
