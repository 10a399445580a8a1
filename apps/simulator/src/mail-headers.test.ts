import { expect, test } from 'vitest';
import { mailHeaders } from './mail-headers.ts';

test('folded headers are joined, names do not depend on case, and the first of a name counts', () => {
  const headers = mailHeaders('Subject: one\r\n two\r\nMESSAGE-ID: <a@b>\r\nsubject: other');
  expect(headers.get('subject')).toBe('one two');
  expect(headers.get('message-id')).toBe('<a@b>');
});

test('encoded words are decoded, also where a character is split between two of them', () => {
  expect(mailHeaders('Subject: =?UTF-8?Q?Gr=C3=B6=C3=9Fe_M?=').get('subject')).toBe('Größe M');
  expect(mailHeaders('Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=').get('subject')).toBe('ü');
  expect(mailHeaders('Subject: =?ISO-8859-1?Q?=FC?= is plain').get('subject')).toBe('ü is plain');
});
