import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  base64Bytes,
  isMediaType,
  MAX_ATTACHMENTS,
  MAX_FETCHED_BYTES,
  MAX_INLINE_BYTES,
  MAX_TOTAL_BYTES,
  mediaTypeOf,
} from './attachment.ts';

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

test('the limits are those that the API documents: 10 files, 700 KiB by content, 10 MiB fetched, 20 MiB in all', () => {
  const KIB = 1024;
  expect([MAX_ATTACHMENTS, MAX_INLINE_BYTES]).toEqual([10, 700 * KIB]);
  expect([MAX_FETCHED_BYTES, MAX_TOTAL_BYTES]).toEqual([10_240 * KIB, 20_480 * KIB]);
});

test('a type may have 127 characters, not more', () => {
  expect(isMediaType(`a/${'b'.repeat(125)}`)).toBe(true);
  expect(isMediaType(`a/${'b'.repeat(126)}`)).toBe(false);
});

test.each(['multipart/mixed', 'message/rfc822', 'Message/RFC822'])('"%s" is no type of a file', (type) => {
  expect(isMediaType(type)).toBe(false);
});

test('a server that names no type, or none that is one, sends bytes', () => {
  expect(mediaTypeOf(null)).toBe('application/octet-stream');
});
