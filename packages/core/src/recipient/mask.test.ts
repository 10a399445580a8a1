import { expect, test } from 'vitest';
import { maskText, shortenToken } from './mask.ts';

test('addresses and numbers are masked anywhere in a text', () => {
  expect(maskText('ada.lovelace@example.com')).toBe('a***@example.com');
  expect(maskText('550 5.1.1 <ada+x@mail.example.co.uk>: no such user')).toBe(
    '550 5.1.1 <a***@mail.example.co.uk>: no such user',
  );
  expect(maskText('+15005550009')).toBe('+15***09');
  expect(maskText('cannot reach +49 (170) 123-4567 now')).toBe('cannot reach +49***67 now');
  expect(maskText('a@b.de, c@d.de')).toBe('a***@b.de, c***@d.de');
});

test('ids, times and codes stay readable', () => {
  for (const text of [
    '0f8fad5b-d9cb-869f-a165-708677289501',
    '2025-11-21T06:27:12.123Z',
    'due 2025-11-21 06:27:12',
    'order-17-shipped',
    'timeout after 10000 ms',
    'user_42',
  ]) {
    expect(maskText(text)).toBe(text);
  }
});

test('a device token keeps only its ends', () => {
  expect(shortenToken('abcdefgh0123456789')).toBe('abcdefgh...6789');
  expect(shortenToken('short')).toBe('short');
});
