import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, requestHash } from './request-hash.ts';

test('canonical JSON parses to the original value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order in which a client writes its fields does not matter', () => {
  expect(requestHash({ a: 1, b: { c: 2, d: 3 } })).toEqual(requestHash({ b: { d: 3, c: 2 }, a: 1 }));
});

test('any other value makes another hash', () => {
  expect(requestHash({ a: 1 })).not.toEqual(requestHash({ a: '1' }));
  expect(requestHash({ a: [1, 2] })).not.toEqual(requestHash({ a: [2, 1] }));
});

test('an undefined field equals an absent one', () => {
  expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
});
