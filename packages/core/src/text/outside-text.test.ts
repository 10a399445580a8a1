import { expect, test } from 'vitest';
import { outsideText, storableOutcome, storableReceipt } from './outside-text.ts';

test.each([
  ['plain text', 'plain text'],
  ['a NUL\u0000in it', 'a NUL\ufffdin it'],
  ['half \ud83d of a pair', 'half \ufffd of a pair'],
  ['the other half \ude00', 'the other half \ufffd'],
  ['😀 whole', '😀 whole'],
])('%j becomes what PostgreSQL can hold', (text, expected) => {
  expect(outsideText(text)).toBe(expected);
});

test('a text is cut between characters, never within one', () => {
  expect(outsideText('abc😀', 4)).toBe('abc');
  expect(outsideText('abc😀', 5)).toBe('abc😀');
});

test('an outcome keeps its meaning; its id stays short enough for an index', () => {
  expect(storableOutcome({ class: 'accepted', providerMessageId: 'x'.repeat(5000) })).toEqual({
    class: 'accepted',
    providerMessageId: 'x'.repeat(500),
  });
  const refused = { class: 'rejected', code: 'a\u0000', message: '\ud83d', phase: 'answered' } as const;
  expect(storableOutcome(refused)).toEqual({ ...refused, code: 'a\ufffd', message: '\ufffd' });
});

test('long event ids that differ at their end stay different', () => {
  const id = 'e'.repeat(3000);
  const [one, other] = [`${id}1`, `${id}2`].map(
    (eventId) => storableReceipt({ eventId, kind: 'delivered' }).eventId,
  );
  expect(one).not.toBe(other);
  expect(one!.length).toBeLessThan(100);
});
