import { describe, expect, test } from 'vitest';
import { FILTER_BOUNDS, FILTER_OPS, type Filter, OPS_OF_KIND, refsOf } from './filter.ts';
import { readFilter } from './read-filter.ts';

const faultsOf = (filter: unknown) => {
  const read = readFilter(filter);
  return 'errors' in read ? read.errors.map(({ path, message }) => `${path}: ${message}`) : [];
};
const read = (filter: unknown): Filter | null => {
  const given = readFilter(filter);
  return 'filter' in given ? given.filter : null;
};
const nested = (depth: number): unknown =>
  depth === 0 ? { field: 'id', op: 'exists' } : { all: [nested(depth - 1)] };

test('a filter of groups, conditions, audiences and campaigns is read as it is', () => {
  const filter = {
    all: [
      { field: 'attributes.plan', op: 'eq', value: 'pro' },
      {
        any: [
          { field: 'push', op: 'exists' },
          { field: 'category.news', op: 'eq', value: true },
        ],
      },
      { not: { audience: 'staff' } },
      { campaign: '0b6a8f9e-91cb-4f5e-8d57-4f0f2b7f7a11', is: 'not_made' },
    ],
  };
  expect(read(filter)).toEqual(filter);
  expect(refsOf(read(filter)!)).toEqual([{ audience: 'staff' }, filter.all[3]]);
});

test('addresses, times and names of categories get their canonical form', () => {
  expect(read({ field: 'email', op: 'eq', value: 'Ada@EXAMPLE.com' })).toMatchObject({
    value: 'Ada@example.com',
  });
  expect(read({ field: 'phone', op: 'in', value: ['+44 (0)7911 123456'] })).toMatchObject({
    value: ['+447911123456'],
  });
  expect(read({ field: 'created_at', op: 'after', value: '2030-01-31' })).toMatchObject({
    value: '2030-01-31T00:00:00.000Z',
  });
  expect(read({ field: 'attributes.renewal', op: 'before', value: '2030-01-31T08:00+02:00' })).toMatchObject({
    value: '2030-01-31T06:00:00.000Z',
  });
  expect(read({ field: 'category.News', op: 'ne', value: false })).toMatchObject({ field: 'category.news' });
});

describe('a fault is named with its path, its value and the remedy:', () => {
  test.each<[unknown, string]>([
    [undefined, 'filter: is missing; give a filter such as {"all": []} for everybody'],
    ['plan', 'filter: "plan" is not an object'],
    [{}, 'filter: {} says nothing; give one of all, any, not, audience, campaign or field'],
    [{ all: [], any: [] }, 'filter: has all and any'],
    [{ all: {} }, 'filter.all: {} is not a list'],
    [{ any: [] }, 'filter.any: is empty and would match nobody'],
    [{ not: [] }, 'filter.not: [] is not an object'],
    [{ all: [{ audience: '' }] }, 'filter.all.0.audience: "" is not the key of an audience'],
    [{ audience: ' x' }, 'filter.audience: " x" has white space around it'],
    [{ audience: 'x', op: 'eq' }, 'filter.op: there is no field "op" here'],
    [{ campaign: 'x', is: 'failed' }, 'filter.campaign: "x" is not the id of a campaign'],
    [{ campaign: '0b6a8f9e-91cb-4f5e-8d57-4f0f2b7f7a11' }, 'filter.is: undefined is not one of not_made'],
    [{ field: 'plan', op: 'eq', value: 1 }, 'filter.field: "plan" is not a field; give one of id, locale'],
    [{ field: 'attributes.', op: 'exists' }, 'filter.field: "attributes." is not a field'],
    [{ field: 'attributes.a..b', op: 'exists' }, 'filter.field: "attributes.a..b" is not a field'],
    [{ field: 'attributes.a\0', op: 'exists' }, 'filter.field: "attributes.a\\u0000" has a character'],
    [{ field: 'category.a b ', op: 'eq', value: true }, 'filter.field: "category.a b " has white space'],
    [{ field: 'id' }, 'filter.op: is missing; give one of eq, ne'],
    [{ field: 'id', op: 'like', value: 'x' }, 'filter.op: "like" is not an operator; give one of eq'],
    [
      { field: 'push', op: 'eq', value: 'x' },
      'filter.op: "eq" does not go with push; give one of exists, not_exists',
    ],
    [{ field: 'push', op: 'exists', value: true }, 'filter.value: true has no meaning beside exists'],
    [{ field: 'locale', op: 'eq' }, 'filter.value: is missing; give a text'],
    [{ field: 'locale', op: 'eq', value: 5 }, 'filter.value: 5 is not a text'],
    [{ field: 'email', op: 'eq', value: 'ada' }, 'filter.value: "ada" is not an e-mail address'],
    [{ field: 'phone', op: 'in', value: ['+14155552671', '5'] }, 'filter.value.1: "5" is not a phone number'],
    [{ field: 'id', op: 'in', value: [] }, 'filter.value: has 0 values; give 1 to 1000'],
    [{ field: 'id', op: 'in', value: 'a' }, 'filter.value: "a" is not a list'],
    [{ field: 'attributes.age', op: 'lt', value: '5' }, 'filter.value: "5" is not a number'],
    [
      { field: 'attributes.age', op: 'lt', value: Number.POSITIVE_INFINITY },
      'filter.value: null is not a number',
    ],
    [{ field: 'attributes.age', op: 'eq', value: null }, 'filter.value: null is not a text, a number'],
    [{ field: 'attributes.age', op: 'eq', value: { a: 1 } }, 'filter.value: {"a":1} is not a text'],
    [{ field: 'attributes.name', op: 'eq', value: 'a\0' }, 'filter.value: "a\\u0000" has a character'],
    [{ field: 'attributes.name', op: 'eq', value: '\ud800' }, 'filter.value: "\\ud800" has a character'],
    [{ field: 'attributes.name', op: 'contains', value: '' }, 'filter.value: "" is not a text, a number'],
    [{ field: 'attributes.at', op: 'after', value: 'soon' }, 'filter.value: "soon" is not a date or a time'],
    [{ field: 'created_at', op: 'before', value: '2030-02-30' }, 'filter.value: "2030-02-30" is not a date'],
    [
      { field: 'created_at', op: 'before', value: '0001-01-01T00:00+14:00' },
      'filter.value: "0001-01-01T00:00+14:00" is not a date',
    ],
    [{ field: 'created_at', op: 'within_days', value: 0 }, 'filter.value: 0 is not a whole number of days'],
    [{ field: 'category.news', op: 'eq', value: 'yes' }, 'filter.value: "yes" is not true or false'],
  ])('%j', (filter, fault) => {
    expect(faultsOf(filter)[0]).toContain(fault);
  });
});

test('every fault is named, not only the first', () => {
  const faults = faultsOf({
    all: [
      { field: 'id', op: 'exists' },
      { field: 'nope', op: 'eq', value: 1 },
      { not: { field: 'id', op: 'lt', value: 1 } },
    ],
  });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['filter.all.1.field', 'filter.all.2.not.op']);
});

test('depth, number of conditions, length of lists and of texts are bounded', () => {
  expect(read(nested(FILTER_BOUNDS.depth))).not.toBeNull();
  expect(faultsOf(nested(FILTER_BOUNDS.depth + 1))[0]).toMatch(/is nested too deeply; at most 8 groups/);
  expect(faultsOf(nested(2000))).toHaveLength(1);
  const one = { field: 'id', op: 'exists' };
  const many = (n: number) => ({ all: [{ any: Array(n).fill(one) }, { any: Array(50).fill(one) }] });
  expect(read(many(50))).not.toBeNull();
  expect(faultsOf(many(51))[0]).toMatch(/^filter: has 101 conditions; at most 100/);
  expect(faultsOf({ all: Array(101).fill(one) })[0]).toMatch(/^filter.all: has 101 members/);
  const ids = (n: number) => ({ field: 'id', op: 'in', value: Array.from({ length: n }, (_, i) => `p${i}`) });
  expect(read(ids(1000))).not.toBeNull();
  expect(faultsOf(ids(1001))[0]).toMatch(/^filter.value: has 1001 values; give 1 to 1000/);
  const text = (n: number) => ({ field: 'attributes.a', op: 'eq', value: 'x'.repeat(n) });
  expect(read(text(512))).not.toBeNull();
  expect(faultsOf(text(513))[0]).toMatch(/is too long; at most 512 characters$/);
});

test('every operator goes with some field', () => {
  const used = new Set(Object.values(OPS_OF_KIND).flat());
  expect(FILTER_OPS.filter((op) => !used.has(op))).toEqual([]);
});
