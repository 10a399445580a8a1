import { isTruthy, toValue } from 'liquidjs';
import { readingCost } from '../render/work.ts';
import type { FieldContext } from '../syntax/field-context.ts';
import { isEqual } from '../syntax/operators.ts';
import { type Filter, type FilterThis, sum } from './number-filters.ts';
import { printable, printed } from './printing.ts';

/** Liquid's filters over lists, counted by the items they visit and the names in the path to a member of each. */
export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  first(value) {
    return firstOf(toValue(value), this.context);
  },
  uniq(value) {
    const items = listOf(value);
    this.context.memoryLimit.use(items.length * UNIQUE_COST);
    return [...new Set(items)];
  },
  last(value) {
    return lastOf(toValue(value), this.context);
  },
  *map(value, property) {
    return yield* members(listOf(value), property, this.context);
  },
  *sort(value, property) {
    const items = listOf(value);
    const keys = property === undefined ? items : yield* members(items, property, this.context);
    return sorted(items, keys, this.context);
  },
  *sum(value, property) {
    const items = listOf(value);
    const summed = property === undefined ? items : yield* members(items, property, this.context);
    return sum(summed, (units) => this.context.memoryLimit.use(units));
  },
  *where(
    this: FilterThis,
    value: unknown,
    property: unknown,
    expected: unknown,
  ): Generator<unknown, unknown[], unknown> {
    const items = listOf(value);
    const found: unknown[] = [];
    const values = yield* members(items, property, this.context);
    for (const [i, item] of items.entries()) {
      const isWanted =
        expected === undefined
          ? isTruthy(values[i], this.context)
          : isEqual(values[i], expected, this.context);
      if (isWanted) found.push(item);
    }
    return found;
  },
} as Readonly<Record<string, Filter>>;

/** Of an item in a set. */
const UNIQUE_COST = 4;

function listOf(value: unknown): readonly unknown[] {
  const plain: unknown = toValue(value);
  if (plain === undefined || plain === null) return [];
  return Array.isArray(plain) ? plain : [plain];
}

/** Of a text, whole characters: surrogate pairs are not split. */
function firstOf(value: unknown, context: FieldContext): unknown {
  if (typeof value === 'string')
    return value === '' ? undefined : String.fromCodePoint(value.codePointAt(0)!);
  return Array.isArray(value) ? context.readProperty(value as object, 0) : '';
}

function lastOf(value: unknown, context: FieldContext): unknown {
  if (typeof value === 'string') {
    const pair = value.length > 1 ? value.codePointAt(value.length - 2)! : 0;
    return value === '' ? undefined : value.slice(pair > 0xffff ? -2 : -1);
  }
  return Array.isArray(value) ? context.readProperty(value as object, value.length - 1) : '';
}

/** The member `a.b.c` of each item; undefined where there is none. */
function* members(
  items: readonly unknown[],
  property: unknown,
  context: FieldContext,
): Generator<unknown, unknown[], unknown> {
  const path = printed(toValue(property)).split('.');
  const found: unknown[] = [];
  for (const item of items) {
    context.memoryLimit.use(1 + path.length);
    found.push(yield context._getFromScope(item, path, false) as unknown as Generator);
  }
  return found;
}

/** Missing values come last. Lists and objects are compared by their text, which is built once for each. */
function sorted(items: readonly unknown[], keys: readonly unknown[], context: FieldContext): unknown[] {
  const meter = context.memoryLimit;
  let cost = 0;
  const entries = items.map((item, i) => {
    const plain: unknown = toValue(keys[i]);
    cost += readingCost(plain);
    meter.use(1);
    const key = typeof plain === 'object' && plain !== null ? String(printable(plain)) : plain;
    return { item, key: key as string | number | null | undefined };
  });
  meter.use(cost * Math.max(1, Math.log2(items.length || 1)));
  entries.sort(({ key: a }, { key: b }) => {
    const [noneA, noneB] = [a === null || a === undefined, b === null || b === undefined];
    if (noneA || noneB) return Number(noneA) - Number(noneB);
    return a! < b! ? -1 : a! > b! ? 1 : 0;
  });
  return entries.map(({ item }) => item);
}
