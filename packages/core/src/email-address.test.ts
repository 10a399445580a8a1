import { expect, test } from 'vitest';
import { asciiEmail, asciiMailbox, isEmail, isMailbox } from './email-address.ts';

test.each([
  ['ada@b\u00fccher.example', 'ada@xn--bcher-kva.example'],
  ['ada@B\u00dcCHER\u3002example', 'ada@xn--bcher-kva.example'],
  ['ada@Example.com', 'ada@Example.com'],
])('the domain of %s becomes what DNS has', (text, ascii) => {
  expect(asciiEmail(text)).toBe(ascii);
  expect(isEmail(ascii)).toBe(true);
});

test.each([
  'ada@b\u00fc\ncher.example',
  'ada@b\u00fc\tcher.example',
  'ada@b\u00fccher.example/x',
  'ada@b\u00fccher.example?x',
  'ada@b\u00fc\uff20cher.example',
  'ada@b\u00fc\uff1ccher.example',
  'ada@b\u00fc\uff0fcher.example',
  'ada@b\u00fc,cher.example',
  'j\u00f6rg@b\u00fccher.example',
  'b\u00fccher.example',
])('%j is no address, whatever is left of it', (text) => {
  expect(isEmail(asciiEmail(text))).toBe(false);
  expect(isMailbox(asciiMailbox(`Ada <${text}>`))).toBe(false);
});

test.each([
  ['Ad\u00e0 <ada@b\u00fccher.example>', 'Ad\u00e0 <ada@xn--bcher-kva.example>'],
  ['<ada@b\u00fccher.example>', '<ada@xn--bcher-kva.example>'],
  ['ada@b\u00fccher.example', 'ada@xn--bcher-kva.example'],
  ['Ada <ada@example.com>', 'Ada <ada@example.com>'],
])('the sender %s keeps its name', (text, ascii) => {
  expect(asciiMailbox(text)).toBe(ascii);
  expect(isMailbox(ascii)).toBe(true);
});

test('a sender of SMS is left as it is', () => {
  for (const text of ['Acme', 'Acm\u00e9', '+15005550006']) expect(asciiMailbox(text)).toBe(text);
});
