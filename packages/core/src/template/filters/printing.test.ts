import { expect, test } from 'vitest';
import { printable, printed } from './printing.ts';

test.each([
  ['a text', 'x', 'x'],
  ['a number', 1.5, '1.5'],
  ['a truth value', false, 'false'],
  ['nothing', null, ''],
  ['nothing at all', undefined, ''],
  ['a list', ['a', 1, null, ['b']], 'a1b'],
  ['an object', { a: [1] }, '{"a":[1]}'],
  ['a list of objects', [{ a: 1 }, { b: 2 }], '{"a":1}{"b":2}'],
])('%s is printed', (_, value, expected) => {
  expect(printed(value)).toBe(expected);
});

test('each item of a list is counted before it is printed, at any depth', () => {
  let visits = 0;
  printed(['a', ['b', 'c'], []], () => {
    visits += 1;
  });
  expect(visits).toBe(5);
});

test('for filters of texts an object becomes its JSON, alone and in a list; anything else stays as it is', () => {
  expect(printable({ a: 1 })).toBe('{"a":1}');
  expect(printable([1, { a: 1 }, [{ b: 2 }]])).toEqual([1, '{"a":1}', ['{"b":2}']]);
  const plain = [1, 'x', null];
  expect(printable(plain)).toBe(plain);
  for (const value of ['x', 1, true, null, undefined]) expect(printable(value)).toBe(value);
});
