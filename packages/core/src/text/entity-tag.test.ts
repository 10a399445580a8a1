import { expect, test } from 'vitest';
import { entityTag, isMatch, readIfMatch } from './entity-tag.ts';

test('a tag depends on the content, not on the order of members', () => {
  expect(entityTag({ a: 1, b: [2] })).toBe(entityTag({ b: [2], a: 1 }));
  expect(entityTag({ a: 1 })).not.toBe(entityTag({ a: 2 }));
  expect(entityTag({})).toMatch(/^"[0-9a-f]{32}"$/);
});

test('a condition is one tag, several, or any', () => {
  expect(readIfMatch('"a"')).toEqual(['"a"']);
  expect(readIfMatch(' "a" , "b"')).toEqual(['"a"', '"b"']);
  expect(readIfMatch('*')).toBe('*');
});

test('a tag that a compressing proxy made weak is the same tag', () => {
  expect(readIfMatch('W/"a"')).toEqual(['"a"']);
});

test.each(['', 'a', '"a', '"a",', '"a" "b"', '"a"b"'])('%j is no condition', (header) => {
  expect(readIfMatch(header)).toBeNull();
});

test('nothing matches what is not there', () => {
  expect(isMatch('*', null)).toBe(false);
  expect(isMatch(['"a"'], null)).toBe(false);
  expect(isMatch('*', '"a"')).toBe(true);
  expect(isMatch(['"b"', '"a"'], '"a"')).toBe(true);
  expect(isMatch(['"b"'], '"a"')).toBe(false);
});
