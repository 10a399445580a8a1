import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missingVariables } from '../template/syntax/required-variables.ts';
import { dataOfRecipient, withOwnData } from './variables.ts';

test('a name with dots is a member within a member; null is as good as missing', () => {
  expect(
    dataOfRecipient({ name: 'Ada', 'order.id': 7, 'order.note': null, 'shop.place.city': 'Bath' }),
  ).toEqual({
    name: 'Ada',
    order: { id: 7 },
    shop: { place: { city: 'Bath' } },
  });
});

test('a variable goes into another one that is an object, and changes no value that was given', () => {
  const order = { id: 1, total: 5 };
  expect(dataOfRecipient({ 'order.id': 7, order })).toEqual({ order: { id: 7, total: 5 } });
  expect(order).toEqual({ id: 1, total: 5 });
  expect(dataOfRecipient({ order: 'text', 'order.id': 7 })).toEqual({ order: { id: 7 } });
});

test('what a recipient has counts more than what all share, member by member', () => {
  const shared = { shop: 'S', order: { id: 0, currency: 'EUR' }, list: [1, 2] };
  expect(withOwnData(shared, { order: { id: 7 }, list: [3] })).toEqual({
    shop: 'S',
    order: { id: 7, currency: 'EUR' },
    list: [3],
  });
  expect(shared.order).toEqual({ id: 0, currency: 'EUR' });
});

test('a member with a name of the language is data like any other, and changes nothing else', () => {
  const data = withOwnData({}, dataOfRecipient({ '__proto__.polluted': true, constructor: 'C' }));
  expect(Object.keys(data).sort()).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('whatever the names are, a template that prints them finds them', () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map((path) => path.join('.'));
  fc.assert(
    fc.property(fc.dictionary(name, fc.integer(), { minKeys: 1, maxKeys: 4 }), (values) => {
      const data = dataOfRecipient(values);
      const longest = Object.keys(values).filter(
        (each) => !Object.keys(values).some((other) => other.startsWith(`${each}.`)),
      );
      expect(missingVariables(longest, data)).toEqual([]);
    }),
  );
});
