import { OPS_OF_KIND } from '@carillon/core/audience/filter';
import { readFilter } from '@carillon/core/audience/read-filter';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FormNode } from './form.ts';
import { placeProblems } from './problems.ts';
import { readForm } from './read-form.ts';
import { writeForm } from './write-form.ts';

type Json = Record<string, unknown>;
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const again = (filter: Json) => writeForm(readForm(filter)).filter;

const text = fc.string({ minLength: 1, maxLength: 12 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const scalar = fc.oneof(text, number, fc.boolean());
const time = fc
  .date({ min: new Date('1971-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString());
const days = fc.integer({ min: 1, max: 3650 }).chain((n) => fc.constantFrom(n, -n));
const valueFor = (field: string, op: string): fc.Arbitrary<unknown> => {
  if (op === 'exists' || op === 'not_exists') return fc.constant(undefined);
  if (op === 'within_days') return days;
  if (op === 'before' || op === 'after' || field === 'created_at') return time;
  if (/^[lg]te?$/.test(op)) return number;
  if (field.startsWith('category.')) return fc.boolean();
  const isAttribute = field.startsWith('attributes.');
  if (op === 'in' || op === 'not_in')
    return fc.array(isAttribute ? scalar : text, { minLength: 1, maxLength: 4 });
  return isAttribute && op !== 'starts_with' ? scalar : text;
};
const KINDS = [
  ['text', 'id'],
  ['text', 'time_zone'],
  ['push', 'push'],
  ['time', 'created_at'],
  ['attribute', 'attributes.plan'],
  ['attribute', 'attributes.address.city'],
  ['attribute', 'attributes.a\\.b'],
  ['category', 'category.news'],
] as const;
const condition = fc
  .constantFrom(...KINDS)
  .chain(([kind, field]) => fc.tuple(fc.constant(field), fc.constantFrom(...OPS_OF_KIND[kind])))
  .chain(([field, op]) =>
    valueFor(field, op).map((value) => ({ field, op, ...(value !== undefined && { value }) })),
  );
const reference = fc.oneof(
  text.map((audience) => ({ audience })),
  fc.record({ campaign: fc.uuid(), is: fc.constantFrom('not_made', 'failed', 'joined_since') }),
);
/** Filters that the API accepts, also deeper than the builder shows. */
const { filter } = fc.letrec<{ filter: Json }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 7, depthSize: 'medium' },
    condition,
    reference,
    fc.array(tie('filter'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('filter').map((not) => ({ not })),
  ),
}));

test('what the form reads it writes back unchanged, whatever the filter', () => {
  fc.assert(
    fc.property(filter, (given) => {
      expect(json(again(given))).toEqual(json(given));
    }),
    { numRuns: 1_000 },
  );
});

test('a filter that the API accepts has nothing unfinished in the form', () => {
  fc.assert(
    fc.property(filter, (given) => {
      fc.pre('filter' in readFilter(given));
      expect(writeForm(readForm(given)).problems).toEqual([]);
    }),
  );
});

test('JSON that is no filter at all is kept as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
      expect(json(again(given as Json))).toEqual(json(given));
    }),
  );
});

test('every problem that the API finds is shown at the node that it is about', () => {
  const broken = { field: 'attributes.plan', op: 'lt', value: 'x' };
  fc.assert(
    fc.property(filter, fc.array(fc.nat({ max: 2 }), { maxLength: 3 }), (given, way) => {
      const placed = planted(given, way, broken);
      const read = readFilter(placed);
      fc.pre('errors' in read && read.errors.length === 1);
      const form = readForm(placed);
      const { places } = writeForm(form);
      const found = placeProblems((read as { errors: { path: string; message: string }[] }).errors, places);
      expect(found.others).toEqual([]);
      const [id] = [...found.placed.keys()];
      const at = nodesOf(form.root).find((node) => node.id === id)!;
      expect(JSON.stringify(writeForm({ root: asGroup(at) }).filter)).toContain(JSON.stringify(broken));
    }),
  );
});

test.each<[Json, string, string]>([
  [{ field: 'attributes.age', op: 'lt', value: 'x' }, 'filter.value', 'filter'],
  [{ all: [{ audience: 'a' }, { audience: 'b' }] }, 'filter.all.1', 'filter.all.1'],
  [{ not: { any: [{ audience: 'a' }] } }, 'filter.not.any.0.audience', 'filter.not.any.0'],
  [{ not: { audience: 'a' } }, 'filter.not.audience', 'filter'],
  [{ all: [{ campaign: 'x', is: 'failed' }] }, 'filter.all.0.campaign', 'filter.all.0'],
  [{ not: { field: 'id', op: 'exists' } }, 'filter.not.op', 'filter.not'],
  [{ all: [] }, 'filter', 'filter'],
])('of %j the path %s belongs to the node at %s', (given, path, expected) => {
  const { places } = writeForm(readForm(given));
  const { placed } = placeProblems([{ path, message: 'no' }], places);
  expect([...placed.keys()].map((id) => places.get(id))).toEqual([expected]);
});

test('what is not finished is named with the path that the API would name', () => {
  const form = readForm({
    all: [
      { field: 'attributes.age', op: 'gt', value: 1 },
      { field: 'created_at', op: 'within_days', value: -3 },
      { field: 'id', op: 'in', value: ['a'] },
      { not: { any: [{ audience: 'a' }] } },
      { campaign: 'x', is: 'failed' },
    ],
  });
  const [age, days, ids, none, campaign] = form.root.members as FormNode[];
  const root = {
    ...form.root,
    members: [
      { ...age!, text: 'ten' },
      { ...days!, text: '0' },
      { ...ids!, list: [] },
      { ...none!, members: [] },
      { ...campaign!, campaign: '' },
    ] as FormNode[],
  };
  expect(writeForm({ root }).problems).toEqual([
    { path: 'filter.all.0.value', message: '“ten” is not a number.' },
    { path: 'filter.all.1.value', message: 'Give a whole number of days from 1 to 3,650.' },
    { path: 'filter.all.2.value', message: 'Give one value at least.', isMissing: true },
    { path: 'filter.all.3.not.any', message: 'Add a condition, or remove the group.', isMissing: true },
    { path: 'filter.all.4.campaign', message: 'Choose a campaign.', isMissing: true },
  ]);
});

/** The filter with a condition in the place of the member that some steps lead to. */
function planted(given: Json, [step, ...way]: readonly number[], broken: Json): Json {
  if (step === undefined) return broken;
  if ('not' in given) return { not: planted(given['not'] as Json, way, broken) };
  const name = 'all' in given ? 'all' : 'any' in given ? 'any' : null;
  if (name === null) return broken;
  const members = given[name] as Json[];
  if (members.length === 0) return { all: [broken] };
  const at = step % members.length;
  return { [name]: members.map((each, n) => (n === at ? planted(each, way, broken) : each)) };
}

const nodesOf = (node: FormNode): FormNode[] => [
  node,
  ...(node.is === 'group' ? node.members.flatMap(nodesOf) : []),
];
const asGroup = (node: FormNode) =>
  node.is === 'group' ? node : { ...readForm({ all: [] }).root, members: [node] };
