import { describe, expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

const list = (length: number): number[] => Array.from({ length }, (_, i) => i);
const object = (size: number): Record<string, number> =>
  Object.fromEntries(list(size).map((i) => [`k${i}`, i]));

describe('a look-up', () => {
  const body = (expression: string) =>
    `{% for i in (1..100) %}{% if ${expression} > 0 %}{% endif %}{% endfor %}.`;
  const work = (expression: string, x: unknown): number =>
    renderContent('in_app', { title: 't', body: body(expression) }, { x }).work;

  test('of the size of an object costs by its members', () => {
    expect(work('x.size', object(100))).toBeGreaterThan(10 * work('x.size', object(1)));
  });

  test('of the size of a list or a text, or of a member, costs the same however much there is', () => {
    expect(work('x.size', list(100))).toBe(work('x.size', list(1)));
    expect(work('x.size', 'x'.repeat(100))).toBe(work('x.size', 'x'));
    expect(work('x.k0', object(100))).toBe(work('x.k0', object(1)));
  });
});
