import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smsSize } from './sms-segments.ts';

test.each([
  ['', 'gsm7', 0, 1],
  ['a'.repeat(160), 'gsm7', 160, 1],
  ['a'.repeat(161), 'gsm7', 161, 2],
  ['a'.repeat(306), 'gsm7', 306, 2],
  ['a'.repeat(307), 'gsm7', 307, 3],
  ['€'.repeat(80), 'gsm7', 160, 1],
  ['€'.repeat(81), 'gsm7', 162, 2],
  // A character of the extension table is not split: 76 of them fill a part of 153, not 76 and a half.
  ['€'.repeat(153), 'gsm7', 306, 3],
  ['ж'.repeat(70), 'ucs2', 70, 1],
  ['ж'.repeat(71), 'ucs2', 71, 2],
  ['😀'.repeat(35), 'ucs2', 70, 1],
  ['😀'.repeat(36), 'ucs2', 72, 2],
  // 33 pairs fill a part of 67: a pair is not split.
  ['😀'.repeat(67), 'ucs2', 134, 3],
  ['Grüße, Ørsted! ñ', 'gsm7', 16, 1],
] as const)('%j is %s, %i units, %i segment(s)', (text, encoding, units, segments) => {
  expect(smsSize(text)).toMatchObject({ encoding, units, segments });
});

test('names the characters that raise the price', () => {
  expect(smsSize('It’s “here”').outsideGsm7).toEqual(['’', '“', '”']);
});

test('a longer text never has fewer segments, and every segment is used', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: 'binary', maxLength: 50 }),
      (text, more) => {
        const [one, both] = [smsSize(text), smsSize(text + more)];
        expect(both.segments).toBeGreaterThanOrEqual(one.segments);
        const part = one.encoding === 'gsm7' ? 153 : 67;
        if (one.segments > 1)
          expect(one.units).toBeGreaterThan((one.segments - 1) * (part - 1) - one.segments);
      },
    ),
  );
});
