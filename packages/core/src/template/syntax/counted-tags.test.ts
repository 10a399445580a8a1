import { expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

const print = (source: string, x: unknown): string => {
  const rendering = renderContent('in_app', { title: 't', body: `.${source}` }, { x });
  return rendering.ok ? rendering.content.body!.slice(1) : rendering.message;
};

test.each<[unknown, string]>([
  [['a', 'b'], '[a][b]'],
  [{ a: 1, b: 2 }, '[a1][b2]'],
  ['ab', '[ab]'],
  ['', 'none'],
  [[], 'none'],
  [{}, 'none'],
  [12, 'none'],
  [true, 'none'],
])('a loop over %j prints %s', (x, expected) => {
  expect(print('{% for i in x %}[{{ i }}]{% else %}none{% endfor %}', x)).toBe(expected);
});

test('a loop over nothing takes its else', () => {
  expect(print('{% for i in nil %}[{{ i }}]{% else %}none{% endfor %}', 1)).toBe('none');
});

test.each([
  ['limit: 2', '123', '12'],
  ['offset: 1', '123', '23'],
  ['offset: 1 limit: 1', '123', '2'],
  ['reversed', '123', '321'],
  ['limit: 2 reversed', '123', '21'],
])('a loop with %s over %s is %s', (words, items, expected) => {
  expect(print(`{% for i in x ${words} %}{{ i }}{% endfor %}`, [...items])).toBe(expected);
});

test('forloop counts from both ends', () => {
  const members = ['index', 'index0', 'rindex', 'rindex0', 'first', 'last', 'length'];
  const body = members.map((name) => `{{ forloop.${name} }}`).join(' ');
  expect(print(`{% for i in x %}${body};{% endfor %}`, [7, 8, 9])).toBe(
    '1 0 3 2 true false 3;2 1 2 1 false false 3;3 2 1 0 false true 3;',
  );
});
