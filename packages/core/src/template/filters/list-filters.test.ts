import { expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

const print = (output: string, x: unknown): string => {
  const rendering = renderContent('in_app', { title: 't', body: `[{{ ${output} }}]` }, { x });
  if (!rendering.ok) throw new Error(rendering.message);
  return rendering.content.body!.slice(1, -1);
};

test.each([
  ['x | first', ['a', 'b'], 'a'],
  ['x | last', ['a', 'b'], 'b'],
  ['x | first', '', ''],
  ['x | last', '', ''],
  ['x | first', 'ab', 'a'],
  ['x | last', 'ab', 'b'],
  ['x | last', 'a', 'a'],
  ['x | first', '😀a', '😀'],
  ['x | last', 'a😀', '😀'],
  ['x | last', '😀', '😀'],
  ['x | last', '😀a', 'a'],
  ['x | first', 12, ''],
  ['x | last', 12, ''],
  ['x | uniq | join', ['a', 'b', 'a'], 'a b'],
  ['x | uniq | join', 'a', 'a'],
  ['x | map: "n" | join', [{ n: 1 }, { n: 2 }], '1 2'],
  ['x | map: "n.m" | join', [{ n: { m: 1 } }], '1'],
  ['x | map: "n" | join', { n: 1 }, '1'],
  ['x | sort | join', [3, 1, 2], '1 2 3'],
  ['x | sort | join: ","', ['b', null, 'a'], 'a,b,'],
  ['x | sort: "n" | map: "n" | join: ","', [{ n: 2 }, {}, { n: 1 }, { n: 2 }], '1,2,2,'],
  ['x | where: "n" | map: "m" | join', [{ n: true, m: 1 }, { n: false, m: 2 }, { m: 3 }], '1'],
  [
    'x | where: "n", 2 | map: "m" | join',
    [
      { n: 2, m: 1 },
      { n: 3, m: 2 },
    ],
    '1',
  ],
  ['x | sum', [1, 2, 3], '6'],
  ['x | sum', [9007199254740991, 2], '9007199254740993'],
  ['x | sum', [9007199254740991, 1, 0.5], '9007199254740992.5'],
  ['x | sum: "n"', [{ n: 1.5 }, { n: 2 }], '3.5'],
])('{{ %s }} of %j is %j', (output, x, expected) => {
  expect(print(output, x)).toBe(expected);
});

test.each(['uniq', 'map: "n"', 'sort', 'sum', 'where: "n"'])('%s of nothing is no error', (filter) => {
  expect(print(`nil | ${filter} | join`, 1)).toBe(filter === 'sum' ? '0' : '');
  if (filter !== 'sum') expect(print(`nil | ${filter} | size`, 1)).toBe('0');
});
