import { describe, expect, test } from 'vitest';
import { renderContent } from '../render/render.ts';

describe('a filter costs', () => {
  const work = (filter: string, x: unknown): number =>
    renderContent('in_app', { title: 't', body: `.{% assign y = x | ${filter} %}` }, { x }).work;
  const growth = (filter: string, one: unknown, other: unknown): number =>
    work(filter, other) - work(filter, one);

  test('a unit for each character that it splits into, and three for each that it writes into a URL', () => {
    expect(growth('split: ""', 'x', 'x'.repeat(101))).toBe(100);
    expect(growth('url_encode', 'x', 'x'.repeat(101))).toBe(300);
  });

  test('a unit for each value in JSON, and for each character of its texts', () => {
    expect(growth('json', [1], [1, 2, null])).toBe(2);
    expect(growth('json', [''], ['x'.repeat(7)])).toBe(7);
    expect(growth('json', [], [''])).toBe(1);
  });

  test('a unit for each item of a list whose members it reads, and for each name in their path', () => {
    expect(growth('map: "a"', [], [{}, {}]) - growth('map: "a"', [], [{}])).toBeGreaterThanOrEqual(2);
    expect(growth('map: "a.b"', [], [1]) - growth('map: "a"', [], [1])).toBeGreaterThanOrEqual(1);
  });

  test('more for a number the more digits it has, if they are more than twenty', () => {
    const digits = (count: number) => '9'.repeat(count);
    expect(growth('plus: 0', digits(5), digits(20))).toBe(0);
    expect(growth('plus: 0', digits(40), digits(60))).toBe(2);
  });
});
