import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KnownField, withField, withOp, withType } from './change-form.ts';
import { type ConditionNode, newCondition } from './form.ts';
import { opsOf, valueTypesOf } from './value-types.ts';

const FIELDS = ['id', 'email', 'phone', 'push', 'created_at', 'attributes.n', 'category.news'];
const known = (field: string, type: KnownField['types'][number]): KnownField => ({
  field,
  types: [type],
  values: [],
});
const condition = (change: Partial<ConditionNode>): ConditionNode => ({ ...newCondition(), ...change });

test('after any change of field, operator and type they go together', () => {
  const step = fc.oneof(
    fc.tuple(fc.constantFrom(...FIELDS), fc.option(fc.constantFrom('string', 'number', 'boolean', 'array'))),
    fc.nat(),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.string(), (steps, text) => {
      let node = condition({ text });
      for (const each of steps) {
        if (typeof each === 'number') {
          const ops = opsOf(node.field);
          node = withOp(node, ops[each % ops.length]!);
          const types = valueTypesOf(node.field, node.op);
          node = withType(node, types[each % types.length]!);
        } else {
          const [field, type] = each;
          node = withField(node, field, type === null ? undefined : known(field, type));
        }
        expect(opsOf(node.field)).toContain(node.op);
        expect(valueTypesOf(node.field, node.op)).toContain(node.type);
      }
    }),
  );
});

test('an attribute is compared as the type that it has', () => {
  expect(withField(newCondition(), 'attributes.n', known('attributes.n', 'number'))).toMatchObject({
    op: 'eq',
    type: 'number',
  });
  expect(withField(newCondition(), 'attributes.n', known('attributes.n', 'boolean')).type).toBe('yes_no');
  expect(withField(newCondition(), 'attributes.n', known('attributes.n', 'array'))).toMatchObject({
    op: 'contains',
    type: 'text',
  });
});

test('what was typed stays where it can still be meant', () => {
  const one = condition({ field: 'attributes.n', text: '5' });
  expect(withOp(one, 'in')).toMatchObject({ text: '', list: ['5'] });
  expect(withOp(withOp(one, 'in'), 'ne')).toMatchObject({ text: '5', list: [] });
  expect(withType(one, 'number').text).toBe('5');
  expect(withType(condition({ field: 'attributes.n', text: 'five' }), 'number').text).toBe('');
});
