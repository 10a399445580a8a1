import { expect, test } from 'vitest';
import { canonicalEmail, readEmail } from './email-address.ts';

test.each([
  ['ada@example.com', 'ada@example.com'],
  ['Ada.Lovelace@Example.COM', 'Ada.Lovelace@example.com'],
  ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
  [`${'x'.repeat(64)}@example.com`, `${'x'.repeat(64)}@example.com`],
  ['ada@b\u00fccher.example', 'ada@xn--bcher-kva.example'],
  ['ada@B\u00dcCHER\u3002example', 'ada@xn--bcher-kva.example'],
  ['ada@XN--BCHER-KVA.example', 'ada@xn--bcher-kva.example'],
  ['"user..name"@docomo.ne.jp', '"user..name"@docomo.ne.jp'],
  ['".user."@docomo.ne.jp', '".user."@docomo.ne.jp'],
  ['"ada lovelace"@example.com', '"ada lovelace"@example.com'],
  ['"a@b"@example.com', '"a@b"@example.com'],
  ['"a\\"b\\\\c"@example.com', '"a\\"b\\\\c"@example.com'],
  ['"ada"@example.com', 'ada@example.com'],
  ['"a\\d\\a"@example.com', 'ada@example.com'],
])('%s has the one form %s', (text, email) => {
  expect(readEmail(text)).toEqual({ email });
  expect(canonicalEmail(email)).toBe(email);
});

test.each([
  ['', 'is not an e-mail address'],
  ['ada', 'is not an e-mail address'],
  ['ada@', 'give one such as ada@example.com'],
  ['@example.com', 'is not an e-mail address'],
  ['ada@localhost', 'is not an e-mail address'],
  ['ada..b@example.com', 'is not an e-mail address'],
  ['.ada@example.com', 'is not an e-mail address'],
  ['ada.@example.com', 'is not an e-mail address'],
  ['ada b@example.com', 'is not an e-mail address'],
  ['"ada@example.com', 'is not an e-mail address'],
  ['"a"b@example.com', 'is not an e-mail address'],
  ['"a\r\nb"@example.com', 'is not an e-mail address'],
  ['"a<b"@example.com', 'is not an e-mail address'],
  ['ada@-example.com', 'is not an e-mail address'],
  ['ada@exa_mple.com', 'is not an e-mail address'],
  ['ada@example..com', 'is not an e-mail address'],
  [`ada@${'x'.repeat(64)}.com`, 'is not an e-mail address'],
  [`ada@${'x.'.repeat(130)}com`, 'at most 254 characters'],
  [`${'x'.repeat(65)}@example.com`, 'at most 64'],
  ['ada@[192.0.2.1]', 'address literal'],
  [' ada@example.com', 'give ada@example.com'],
  ['ada@example.com\n', 'give ada@example.com'],
  ['ada@example.com.', 'ends in a dot; give the e-mail address without it: ada@example.com'],
  ['mailto:ada@example.com', 'give the address alone: ada@example.com'],
  ['Ada <ada@example.com>', 'give the e-mail address alone: ada@example.com'],
  ['<ada@example.com>', 'give the e-mail address alone: ada@example.com'],
  ['a@example.com, b@example.com', 'more than one'],
  ['j\u00f6rg@b\u00fccher.example', 'outside ASCII before the @'],
  ['ada@b\u00fc\ncher.example', 'is not an e-mail address'],
  ['ada@b\u00fccher.example/x', 'is not an e-mail address'],
  ['ada@b\u00fc\uff20cher.example', 'is not an e-mail address'],
  [`"${'\\a'.repeat(200_000)}`, 'at most 254 characters'],
  [`${'a.'.repeat(200_000)}@example.com`, 'at most 64'],
  ['ada@b\u00fc,cher.example', 'is not an e-mail address'],
])('%j is refused: it %s', (text, words) => {
  expect(canonicalEmail(text)).toBeNull();
  expect(readEmail(text)).toEqual({ problem: expect.stringContaining(words) });
});

test.each(['a@b.c ', '<a> ', ',', '@,', '@[', '"\\'])(
  'a megabyte of %j is refused at once, not after hours',
  (piece) => {
    const text = `a@${piece.repeat(1_000_000 / piece.length)}x`;
    expect(readEmail(text)).toHaveProperty('problem');
    expect(readEmail(`${text}@`)).toHaveProperty('problem');
  },
);

test('an address may have 254 characters, not more', () => {
  const address = (length: number): string => {
    const labels = `${'x'.repeat(60)}.`.repeat(3);
    return `${'a'.repeat(length - labels.length - 10)}@${labels}${'y'.repeat(5)}.com`;
  };
  expect(address(254)).toHaveLength(254);
  expect(canonicalEmail(address(254))).toBe(address(254));
  expect(canonicalEmail(address(255))).toBeNull();
});
