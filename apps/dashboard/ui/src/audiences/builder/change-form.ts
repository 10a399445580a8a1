import type { ConditionNode, FormOp, ValueType } from './form.ts';
import { isListOp, opsOf, valueTypesOf } from './value-types.ts';

/** What is known about an attribute: the types it has, and frequent values. */
export interface KnownField {
  field: string;
  types: readonly ('string' | 'number' | 'boolean' | 'array')[];
  values: readonly (string | number | boolean)[];
}

const TYPE_OF: Readonly<Record<KnownField['types'][number], ValueType>> = {
  string: 'text',
  number: 'number',
  boolean: 'yes_no',
  array: 'text',
};

/** A condition on another field: the operator and the value stay where they fit. */
export function withField(node: ConditionNode, field: string, known?: KnownField): ConditionNode {
  const ops = opsOf(field);
  const type = known?.types[0];
  const isList = type === 'array' && node.op === 'eq' && ops.includes('contains');
  const op = isList ? 'contains' : ops.includes(node.op) ? node.op : ops[0]!;
  return withOp({ ...node, field }, op, type && TYPE_OF[type]);
}

/**
 * A condition with another operator: a value becomes the first of a list, and the other way.
 *
 * @param usual the type of what people have in the field.
 */
export function withOp(node: ConditionNode, op: FormOp, usual?: ValueType): ConditionNode {
  const types = valueTypesOf(node.field, op);
  const type = [usual, node.type].find((each) => each !== undefined && types.includes(each)) ?? types[0]!;
  if (isListOp(op) === isListOp(node.op)) return withType({ ...node, op }, type);
  const moved = isListOp(op)
    ? { text: '', list: node.text === '' ? [] : [node.text] }
    : { text: node.list[0] ?? '', list: [] };
  return withType({ ...node, op, ...moved }, type);
}

/** What was typed stays where it can be meant as the other type. */
export function withType(node: ConditionNode, type: ValueType): ConditionNode {
  if (node.type === type) return node;
  const isPlain = node.type === 'text' || node.type === 'number';
  const stays = (text: string) =>
    isPlain && (type === 'text' || (type === 'number' && text !== '' && Number.isFinite(Number(text))));
  return { ...node, type, text: stays(node.text) ? node.text : '', list: node.list.filter(stays) };
}
