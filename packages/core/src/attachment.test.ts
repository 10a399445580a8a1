import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { base64Bytes, isMediaType, mediaTypeOf } from './attachment.ts';

test('base64 is measured without decoding it', () => {
  for (const length of [0, 1, 2, 3, 4, 57, 1_000_000])
    expect(base64Bytes(randomBytes(length).toString('base64'))).toBe(length);
});

test.each(['a', 'abc', 'ab=c', 'a===', '====', 'ab c', 'ab\nc', 'ab-_', 'ÄÖÜß', 'abc=abcd'])(
  '"%s" is no base64',
  (text) => {
    expect(base64Bytes(text)).toBeNull();
  },
);

test.each([
  'application/pdf',
  'text/plain; charset=utf-8',
  'text/calendar;method=REQUEST',
  'image/svg+xml',
  'a/b; x="c d"',
])('%s is a type', (type) => {
  expect(isMediaType(type)).toBe(true);
  expect(mediaTypeOf(type)).toBe(type);
});

test.each([
  'pdf',
  '/pdf',
  'a/',
  'a/b/c',
  'text/plain\r\nBcc: eve@test',
  'text/plain;',
  'a/b; x',
  `a/${'b'.repeat(127)}`,
  'ä/b',
  '',
])('"%s" is no type', (type) => {
  expect(isMediaType(type)).toBe(false);
  expect(mediaTypeOf(type)).toBe('application/octet-stream');
});
