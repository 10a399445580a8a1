import { expect, test } from 'vitest';
import { csvRow } from './csv.ts';

test('a record is its cells between commas, and ends with CRLF', () => {
  expect(csvRow(['a', 1, true, null, '', -2.5])).toBe('a,1,true,,,-2.5\r\n');
  expect(csvRow([])).toBe('\r\n');
});

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  [' spaces stay ', ' spaces stay '],
  ['a\tb', 'a\tb'],
])('%j is written %j', (cell, written) => {
  expect(csvRow([cell])).toBe(`${written}\r\n`);
});

test.each([
  ['=1+1', "'=1+1"],
  ['+4915112345678', "'+4915112345678"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("http://a.example","b")', '"\'=HYPERLINK(""http://a.example"",""b"")"'],
  ['a=1', 'a=1'],
])('a spreadsheet takes %j for text, not for a formula', (cell, written) => {
  expect(csvRow([cell])).toBe(`${written}\r\n`);
});

test('a number is a number, also a negative one: it cannot be a formula', () => {
  expect(csvRow([-5])).toBe('-5\r\n');
});
