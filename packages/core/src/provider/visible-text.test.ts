import { expect, test } from 'vitest';
import { categoryName, hasEncodedWord, isBlank, nameProblem } from './visible-text.ts';

test.each(['marketing', 'Marketing news', 'caf\u00e9', '\u65e5\u672c', 'a:b/c_d-1', '*'])(
  '%s is a name',
  (text) => {
    expect(nameProblem(text)).toBeNull();
  },
);

test.each([
  [' Marketing', 'white space around it'],
  ['Marketing ', 'white space around it'],
  ['\u00a0Marketing', 'white space around it'],
  ['\ufeffMarketing', 'white space around it'],
  ['Mar\u200bketing', 'U+200B'],
  ['Mar\u00adketing', 'U+00AD'],
  ['Mar\u2060keting', 'U+2060'],
  ['\u202egnitekram', 'U+202E'],
  ['Marketing\u00a0news', 'U+00A0'],
  ['Marketing\u3000news', 'U+3000'],
  ['\u3164', 'U+3164'],
  ['\u2800', 'U+2800'],
  ['a\u0000', 'control character'],
  ['a\tb', 'control character'],
  ['cafe\u0301', 'normal form C'],
])('%j is refused as a name: %s', (text, words) => {
  expect(nameProblem(text)).toContain(words);
});

test('a category is the same in every case and in every normal form', () => {
  for (const text of ['Caf\u00e9', 'CAF\u00c9', 'cafe\u0301', 'CAFE\u0301'])
    expect(categoryName(text)).toBe('caf\u00e9');
  expect(categoryName('*')).toBe('*');
});

test.each(['', ' ', '\r\n\t', '\u00a0', '\u200b\u200d', '\ufeff', '\u2800\u3000', '\u2066\u2069', '\u3164'])(
  '%j has nothing to see',
  (text) => {
    expect(isBlank(text)).toBe(true);
  },
);

test.each(['.', ' a ', '\u200b1', '<p></p>', '\u{1f600}'])('%j has visible characters', (text) => {
  expect(isBlank(text)).toBe(false);
});

test('encoded words are found, similar text is not', () => {
  for (const text of ['=?utf-8?q?x=0d=0a?=', 'Hi =?ISO-8859-1?B?eA==?= you'])
    expect(hasEncodedWord(text)).toBe(true);
  for (const text of ['a =? b ?=', 'x=?y', '=?utf-8?x?y?=']) expect(hasEncodedWord(text)).toBe(false);
});
