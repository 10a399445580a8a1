import { expect, test } from 'vitest';
import { placeOfLine } from './line-offset.ts';

test('a line begins behind the line breaks before it, CRLF and blank lines included', async () => {
  const file = new Blob(['\ufeffid\r\n1\r\n\r\n2\r\n']);
  expect(await placeOfLine(file, 1)).toEqual({ line: 1, offset: 0 });
  expect(await placeOfLine(file, 2)).toEqual({ line: 2, offset: 7 });
  expect(await placeOfLine(file, 4)).toEqual({ line: 4, offset: 12 });
  expect(await placeOfLine(file, 5)).toEqual({ line: 5, offset: 15 });
  expect(await placeOfLine(file, 6)).toBeNull();
});

test('lines end with CR where the file has no LF', async () => {
  expect(await placeOfLine(new Blob(['id\r1\r2']), 3)).toEqual({ line: 3, offset: 5 });
});

test('a line far behind is found from a known place, over the pieces that are read', async () => {
  const row = 'x'.repeat(99);
  const file = new Blob([`${row}\n`.repeat(100_000)]);
  const known = await placeOfLine(file, 90_000);
  expect(known).toEqual({ line: 90_000, offset: 8_999_900 });
  expect(await placeOfLine(file, 95_001, known!)).toEqual({ line: 95_001, offset: 9_500_000 });
  expect(await placeOfLine(file, 2, known!)).toEqual({ line: 2, offset: 100 });
});
