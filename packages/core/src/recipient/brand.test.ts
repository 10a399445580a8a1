import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contrast, DEFAULT_COLOR, paletteOf } from './brand.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

test('contrasts are those of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test('whatever colour an app has, every text on its pages can be read in both schemes', () => {
  fc.assert(
    fc.property(color, fc.constantFrom('light', 'dark'), (given, scheme) => {
      const { page, text, muted, line, fill, onFill, accent } = paletteOf(given, scheme as 'light');
      expect(fill).toBe(given);
      for (const ink of [text, muted, accent]) expect(contrast(ink, page)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(onFill, fill)).toBeGreaterThanOrEqual(4.5);
      // Borders of controls: WCAG 2.2, 1.4.11.
      expect(contrast(line, page)).toBeGreaterThanOrEqual(3);
    }),
  );
});

test('a colour that can be read stays as it is', () => {
  expect(paletteOf(DEFAULT_COLOR, 'light').accent).toBe(DEFAULT_COLOR);
});
