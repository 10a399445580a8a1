import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findUnstorable } from './storable.ts';

test('every JSON value of ordinary text is storable', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8, stringUnit: 'grapheme' }), (json) => {
      fc.pre(!/\\u0000|"__proto__"/.test(json));
      expect(findUnstorable(JSON.parse(json))).toBeNull();
    }),
  );
});

test('a NUL is found wherever it is', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 0, 1), { maxLength: 20 }), (path) => {
      let value: unknown = 'x\u0000';
      for (const step of path.toReversed())
        value = typeof step === 'string' ? { [step]: value } : [true, value];
      const steps = path.map((step) => (typeof step === 'string' ? step : 1));
      expect(findUnstorable(value)).toMatchObject({
        path: steps.join('.'),
        message: expect.stringContaining('U+0000'),
      });
    }),
  );
});

test('32 levels are taken, 33 are not', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  expect(findUnstorable(nested(32))).toBeNull();
  expect(findUnstorable(nested(33))?.message).toContain('32 levels');
});

test('the name __proto__ is found wherever it is', () => {
  expect(findUnstorable(JSON.parse('[{"a":{"__proto__":1}}]'))).toMatchObject({ path: '0.a.__proto__' });
});
