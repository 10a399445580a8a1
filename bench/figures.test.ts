import { expect, test } from 'vitest';
import { Figures } from './figures.ts';

test('lost and duplicated messages of a warm-up count; its figures do not', () => {
  const figures = new Figures();
  const aside = figures.aside();
  aside.add('end to end batch', 'carillon', 1);
  aside.judge('warm-up', { lost: 0, doubled: 1 });
  figures.judge('measured', { lost: 0, doubled: 0 });
  expect(figures.of('end to end batch', 'carillon')).toBe(null);
  expect(figures.faulty).toEqual([{ run: 'warm-up', lost: 0, doubled: 1 }]);
  expect(figures.runs).toBe(2);
});
