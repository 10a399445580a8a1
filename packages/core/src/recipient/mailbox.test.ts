import { expect, test } from 'vitest';
import { asciiMailbox, mailboxOf, mailboxText, readMailbox } from './mailbox.ts';

test.each([
  ['a@acme.example', '', 'a@acme.example', 'a@acme.example'],
  ['<a@acme.example>', '', 'a@acme.example', 'a@acme.example'],
  ['Acme <a@acme.example>', 'Acme', 'a@acme.example', 'Acme <a@acme.example>'],
  ['Acm\u00e9 <a@ACME.example>', 'Acm\u00e9', 'a@acme.example', 'Acm\u00e9 <a@acme.example>'],
  ['A <a@b\u00fccher.example>', 'A', 'a@xn--bcher-kva.example', 'A <a@xn--bcher-kva.example>'],
  ['Acme: Support <s@acme.example>', 'Acme: Support', 's@acme.example', '"Acme: Support" <s@acme.example>'],
  [
    '24/7: Help; now, please <h@acme.example>',
    '24/7: Help; now, please',
    'h@acme.example',
    '"24/7: Help; now, please" <h@acme.example>',
  ],
  ['Back"slash <a@acme.example>', 'Back"slash', 'a@acme.example', '"Back\\"slash" <a@acme.example>'],
  ['Back\\slash <a@acme.example>', 'Back\\slash', 'a@acme.example', '"Back\\\\slash" <a@acme.example>'],
  ['Acme (EU) [x] <a@acme.example>', 'Acme (EU) [x]', 'a@acme.example', '"Acme (EU) [x]" <a@acme.example>'],
  [
    'info@acme.example <info@acme.example>',
    'info@acme.example',
    'info@acme.example',
    '"info@acme.example" <info@acme.example>',
  ],
  [
    '"Acme, \\"Inc.\\"" <a@acme.example>',
    'Acme, "Inc."',
    'a@acme.example',
    '"Acme, \\"Inc.\\"" <a@acme.example>',
  ],
  ['"Acme" "Shop" <a@acme.example>', 'Acme Shop', 'a@acme.example', 'Acme Shop <a@acme.example>'],
  [
    '"A <b@x.example>" <a@acme.example>',
    'A <b@x.example>',
    'a@acme.example',
    '"A <b@x.example>" <a@acme.example>',
  ],
  ['X <"user..name"@docomo.ne.jp>', 'X', '"user..name"@docomo.ne.jp', 'X <"user..name"@docomo.ne.jp>'],
])('%s is one mailbox', (text, name, address, written) => {
  expect(readMailbox(text)).toEqual({ mailbox: { name, address } });
  expect(mailboxText({ name, address })).toBe(written);
  expect(mailboxOf(written)).toEqual({ name, address });
});

test.each([
  ['', 'is not an e-mail sender'],
  ['Acme', 'is not an e-mail sender'],
  ['Acme <>', 'is not an e-mail sender'],
  ['Acme <acme>', 'is not an e-mail sender'],
  ['a@acme.example (Acme)', 'is not an e-mail sender'],
  ['Acme <a@acme.example> x', 'is not an e-mail sender'],
  ['Shop <shop@b\u00fccher.example/b>', 'is not an e-mail sender'],
  ['a@acme.example, b@acme.example', 'more than one'],
  ['all: a@acme.example;', 'more than one'],
  ['A <a@acme.example>, B <b@acme.example>', 'more than one'],
  ['a@acme.example, Ada <b@acme.example>', 'more than one'],
  ['a@acme.example; Ada <b@acme.example>', 'more than one'],
  ['=?utf-8?q?x=0d=0a?= <a@acme.example>', 'encoded word'],
  ['"=?UTF-8?B?eA==?=" <a@acme.example>', 'encoded word'],
])('%j is refused: it %s', (text, words) => {
  expect(readMailbox(text)).toEqual({ problem: expect.stringContaining(words) });
});

test('a mailbox stored or configured under older rules is still read, as one mailbox or not at all', () => {
  expect(mailboxOf('Carillon <hello@localhost>')).toEqual({ name: 'Carillon', address: 'hello@localhost' });
  expect(mailboxOf('=?utf-8?q?x?= <a@acme.example>')?.name).toBe('=?utf-8?q?x?=');
  for (const text of ['Acme', 'a@x.example, b@x.example', 'A <a@x.example>, B <b@x.example>', 'x <a b@c>'])
    expect(mailboxOf(text)).toBeNull();
});

test.each([
  ['Ad\u00e0 <ada@b\u00fccher.example>', 'Ad\u00e0 <ada@xn--bcher-kva.example>'],
  ['ada@b\u00fccher.example', 'ada@xn--bcher-kva.example'],
  ['Ada <ada@Example.com>', 'Ada <ada@Example.com>'],
  ['Acm\u00e9', 'Acm\u00e9'],
  ['+15005550006', '+15005550006'],
])('%s is kept as %s', (text, kept) => {
  expect(asciiMailbox(text)).toBe(kept);
});
