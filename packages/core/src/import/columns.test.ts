import { expect, test } from 'vitest';
import { delimiterOf, readColumns } from './columns.ts';

const errorsOf = (names: readonly string[], map: Record<string, string> = {}) => {
  const read = readColumns(names, map);
  return 'errors' in read ? read.errors : [];
};

test('columns are fields by their names, or by what they are mapped to', () => {
  expect(
    readColumns(['recipient_id', 'E-Mail', 'Note', 'attributes.a.b'], { 'E-Mail': 'email', Note: '' }),
  ).toEqual({
    columns: ['id', 'email', null, 'attributes.a.b'],
  });
});

test('every column that is unknown or given twice is named, and a map of a column that is not there', () => {
  expect(
    errorsOf(['id', 'nonsense', 'email', 'Mail'], { Mail: 'email', Other: 'phone' }).map(({ path }) => path),
  ).toEqual(['nonsense', 'Mail', 'map.Other']);
  expect(errorsOf(['email'])[0]).toMatchObject({ path: 'id', message: expect.stringMatching(/^is missing/) });
  expect(errorsOf(['id', 'constructor'])[0]).toMatchObject({ path: 'constructor' });
});

test('the separator is a comma, unless the first line has none outside of quotes', () => {
  expect(delimiterOf('id;email')).toBe(';');
  expect(delimiterOf('id\temail')).toBe('\t');
  expect(delimiterOf('id,a;b')).toBe(',');
  expect(delimiterOf('"Name, first";id')).toBe(';');
  expect(delimiterOf('id')).toBe(',');
});
