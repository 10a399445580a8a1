import { expect, test } from 'vitest';
import { accountSender, headerMailbox, mailboxOf } from './mailbox.ts';

test.each([
  ['a@acme.example', { address: 'a@acme.example', name: '' }],
  ['Acme <a@acme.example>', { address: 'a@acme.example', name: 'Acme' }],
  ['"Acme, Inc." <a@acme.example>', { address: 'a@acme.example', name: 'Acme, Inc.' }],
  ['Acmé <a@acme.example>', { address: 'a@acme.example', name: 'Acmé' }],
])('%s is one mailbox', (text, mailbox) => {
  expect(mailboxOf(text)).toEqual(mailbox);
});

test.each(['', 'Acme', 'a@acme.example, b@acme.example', 'all: a@acme.example;'])('%j is not', (text) => {
  expect(mailboxOf(text)).toBeNull();
  expect(() => accountSender(text)).toThrow('from must be one sender address');
});

test.each([
  ['a@acme.example', 'a@acme.example'],
  ['Acme <a@acme.example>', 'Acme <a@acme.example>'],
  ['"Acme, \\"Inc.\\"" <a@acme.example>', '"Acme, \\"Inc.\\"" <a@acme.example>'],
  ['Acmé <a@acme.example>', '=?UTF-8?B?QWNtw6k=?= <a@acme.example>'],
])('%s stands in a header as %s', (text, header) => {
  expect(headerMailbox(mailboxOf(text)!)).toBe(header);
});

test('no name can begin a new header, and a long one is cut into words of at most 75 characters', () => {
  const header = headerMailbox({
    address: 'a@acme.example',
    name: `x\r\nBcc: b@acme.example ${'é'.repeat(90)}`,
  });
  expect(header).toMatch(/^[\x20-\x7e]+$/);
  const words = header.match(/=\?\S+\?=/g)!;
  expect(words.length).toBeGreaterThan(1);
  for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
});
