import {
  FILTER_OPS,
  type FieldKind,
  type FilterOp,
  fieldOf,
  OPS_OF_KIND,
} from '@carillon/core/audience/filter';
import type { FormOp, ValueType } from './form.ts';

/** The operators that go with a field; all of them as long as none is chosen. */
export function opsOf(field: string): readonly FormOp[] {
  const kind = kindOf(field);
  const ops: readonly FilterOp[] = kind === undefined ? FILTER_OPS : OPS_OF_KIND[kind];
  return ops.flatMap((op): FormOp[] => (op === 'within_days' ? [op, 'in_next'] : [op]));
}

/** What the value of a condition may be, the most usual first. */
export function valueTypesOf(field: string, op: FormOp): readonly ValueType[] {
  if (op === 'exists' || op === 'not_exists') return ['none'];
  if (op === 'within_days' || op === 'in_next') return ['days'];
  const kind = kindOf(field);
  if (op === 'before' || op === 'after' || kind === 'time') return ['time'];
  if (op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte') return ['number'];
  if (kind === 'category') return ['yes_no'];
  if (kind !== 'attribute' || op === 'starts_with') return ['text'];
  return isListOp(op) ? ['text', 'number'] : ['text', 'number', 'yes_no'];
}

export const isListOp = (op: FormOp): boolean => op === 'in' || op === 'not_in';

function kindOf(field: string): FieldKind | undefined {
  return fieldOf(field)?.kind;
}
