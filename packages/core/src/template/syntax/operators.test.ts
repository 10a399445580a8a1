import { expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

const isTrue = (condition: string, data: Record<string, unknown>): boolean => {
  const body = `{% if ${condition} %}yes{% else %}no{% endif %}`;
  const rendering = renderContent('in_app', { title: 't', body }, data);
  if (!rendering.ok) throw new Error(rendering.message);
  return rendering.content.body === 'yes';
};

test.each<[unknown, unknown, boolean]>([
  [[1, 2], [1, 2], true],
  [[1, 2], [1, 3], false],
  [[2, 1], [3, 1], false],
  [[1], [1, 2], false],
  [[], [], true],
  [[[1, 'a']], [[1, 'a']], true],
  [[[1, 'a']], [[1, 'b']], false],
  [[1], 1, false],
  [1, [1], false],
  ['ab', 'ab', true],
  ['ab', 'ac', false],
  ['ab', 'abc', false],
  ['1', 1, false],
  [0, false, false],
])('%j == %j is %j', (a, b, expected) => {
  expect(isTrue('a == b', { a, b })).toBe(expected);
  expect(isTrue('a != b', { a, b })).toBe(!expected);
});

test.each<[string, unknown, boolean]>([
  ['a == blank', ' ', true],
  ['blank == a', ' ', true],
  ['a == blank', 'x', false],
  ['a == empty', '', true],
  ['a == empty', [], true],
  ['a == empty', {}, true],
  ['a == empty', { b: 1 }, false],
  ['a == empty', [0], false],
  ['a == nil', null, true],
  ['a == nil', 0, false],
])('%s of %j is %j', (condition, a, expected) => {
  expect(isTrue(condition, { a })).toBe(expected);
});

test('contains looks for an item of a list and for a part of a text, and for nothing in anything else', () => {
  expect(isTrue('a contains b', { a: ['x', 'y'], b: 'y' })).toBe(true);
  expect(isTrue('a contains b', { a: ['xy'], b: 'y' })).toBe(false);
  expect(isTrue('a contains b', { a: 'xy', b: 'y' })).toBe(true);
  expect(isTrue('a contains b', { a: 'x1', b: 1 })).toBe(true);
  expect(isTrue('a contains b', { a: 12, b: 1 })).toBe(false);
});
