import type { FileSample } from '@carillon/core/import/sample';
import { expect, test } from 'vitest';
import { columnProblems } from './problems.ts';

const csv = (...names: string[]): FileSample => ({
  format: 'csv',
  delimiter: ',',
  names,
  rows: [],
  warnings: [],
});

test('columns with an id, each as another field, have no problem', () => {
  expect(columnProblems(csv('Kunde', 'E-Mail', 'Note'), ['id', 'email', ''])).toEqual([]);
  expect(columnProblems(csv('id', '', ''), ['id', '', ''])).toEqual([]);
});

test.each([
  [['a'], ['attributes.a'], /No column is the id/],
  [['a', 'b', 'c'], ['id', 'email', 'email'], /Several columns become email/],
  [['a', 'x', 'x'], ['id', 'email', ''], /Several columns are named x/],
  [['a', 'b', 'c'], ['id', 'attributes', 'attributes.c'], /as a whole and by name/],
  [['a', 'b'], ['id', 'attributes.'], /has no name/],
])('%j as %j is refused here already', (names, fields, expected) => {
  expect(columnProblems(csv(...names), fields)).toEqual([expect.stringMatching(expected)]);
});

test('more columns than one request can name are refused here already', () => {
  const names = Array.from({ length: 300 }, (_, n) => `Column number ${n} of the export`);
  const fields = names.map((_, n) => (n === 0 ? 'id' : `attributes.column_${n}`));
  expect(columnProblems(csv(...names), fields)).toEqual([expect.stringMatching(/too long/)]);
});

test('NDJSON needs an id', () => {
  const ndjson: FileSample = { format: 'ndjson', delimiter: null, names: ['email'], rows: [], warnings: [] };
  expect(columnProblems(ndjson, [])).toHaveLength(1);
  expect(columnProblems({ ...ndjson, names: ['recipient_id'] }, [])).toEqual([]);
});
