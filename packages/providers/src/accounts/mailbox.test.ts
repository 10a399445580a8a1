import { mailboxOf } from '@carillon/core/recipient/mailbox';
import { expect, test } from 'vitest';
import { accountSender, headerMailbox } from './mailbox.ts';

test.each(['', 'Acme', 'a@acme.example, b@acme.example', 'all: a@acme.example;'])(
  '%j is no sender of an account',
  (text) => {
    expect(() => accountSender(text)).toThrow('from must be one sender address');
  },
);

test.each([
  ['a@acme.example', 'a@acme.example'],
  ['Acme <a@acme.example>', 'Acme <a@acme.example>'],
  ['"Acme, \\"Inc.\\"" <a@acme.example>', '"Acme, \\"Inc.\\"" <a@acme.example>'],
  ['Acme: Support <a@acme.example>', '"Acme: Support" <a@acme.example>'],
  ['Acmé <a@acme.example>', '=?UTF-8?B?QWNtw6k=?= <a@acme.example>'],
  ['=?utf-8?q?x?= <a@acme.example>', '=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?= <a@acme.example>'],
])('%s stands in a header as %s', (text, header) => {
  expect(headerMailbox(mailboxOf(text)!)).toBe(header);
});

test('no name can start a new header, and a long one is split into encoded words of at most 75 characters', () => {
  const header = headerMailbox({
    address: 'a@acme.example',
    name: `x\r\nBcc: b@acme.example ${'é'.repeat(90)}`,
  });
  expect(header).toMatch(/^[\x20-\x7e]+$/);
  const words = header.match(/=\?\S+\?=/g)!;
  expect(words.length).toBeGreaterThan(1);
  for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
});
