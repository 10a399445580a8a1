import { type Context, type Drop, defaultOperators, isFalsy, toValue, toValueSync } from 'liquidjs';
import { MEMBER_COST, readingCost } from '../render/work.ts';

/** The literals `empty`, `blank` and `nil`, which compare by their own rules. */
interface Comparable extends Drop {
  equals(other: unknown): unknown;
}

/** The base cost of evaluating an operator. */
const OPERATOR_COST = 5;
const EQUALITY_COST = 2;

/**
 * Equality as in LiquidJS, counted: texts by their length, lists item by item.
 *
 * @throws WorkExceeded
 */
export function isEqual(left: unknown, right: unknown, ctx: Context): boolean {
  ctx.memoryLimit.use(EQUALITY_COST);
  if (isComparable(left)) return comparesEqual(left, right, ctx);
  if (isComparable(right)) return comparesEqual(right, left, ctx);
  const [a, b]: unknown[] = [toValue(left), toValue(right)];
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i], ctx)) return false;
    return true;
  }
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length)
    ctx.memoryLimit.use(readingCost(a));
  return a === b;
}

function comparesEqual(one: Comparable, other: unknown, ctx: Context): boolean {
  ctx.memoryLimit.use(ownCost(other));
  return Boolean(toValueSync(one.equals(other) as Generator<unknown, boolean, unknown>));
}

/** Operators of LiquidJS that count what they read. Their meaning is unchanged. */
export const OPERATORS: typeof defaultOperators = {
  ...defaultOperators,
  '==': (left: unknown, right: unknown, ctx: Context) => {
    ctx.memoryLimit.use(OPERATOR_COST);
    return isEqual(left, right, ctx);
  },
  '!=': (left: unknown, right: unknown, ctx: Context) => {
    ctx.memoryLimit.use(OPERATOR_COST);
    return !isEqual(left, right, ctx);
  },
  '>': counted('>'),
  '<': counted('<'),
  '>=': counted('>='),
  '<=': counted('<='),
  contains: (left: unknown, right: unknown, ctx: Context) => {
    ctx.memoryLimit.use(OPERATOR_COST);
    const whole: unknown = toValue(left);
    if (Array.isArray(whole)) return whole.some((item) => isEqual(item, right, ctx));
    if (typeof whole !== 'string') return false;
    const part: unknown = toValue(right);
    ctx.memoryLimit.use(readingCost(whole) + readingCost(part));
    return whole.includes(String(part));
  },
  not: (value: unknown, ctx: Context) => {
    ctx.memoryLimit.use(OPERATOR_COST);
    return isFalsy(toValue(value), ctx);
  },
  and: counted('and'),
  or: counted('or'),
} as typeof defaultOperators;

/** Ordering and logical operators: the texts of both sides are read (a list is compared by its text). */
function counted(name: '>' | '<' | '>=' | '<=' | 'and' | 'or') {
  const operator = defaultOperators[name] as (left: unknown, right: unknown, ctx: Context) => unknown;
  const isOrder = name !== 'and' && name !== 'or';
  return function* (left: unknown, right: unknown, ctx: Context): Generator<unknown, unknown, unknown> {
    const read = isOrder ? readingCost(toValue(left)) + readingCost(toValue(right)) : 0;
    ctx.memoryLimit.use(OPERATOR_COST + read);
    return yield operator(left, right, ctx);
  };
}

function isComparable(value: unknown): value is Comparable {
  return typeof (value as Partial<Comparable> | null | undefined)?.equals === 'function';
}

/** The cost of `== blank` and `== empty`: a whole text, or the names of an object's members. */
function ownCost(value: unknown): number {
  const plain: unknown = toValue(value);
  if (typeof plain === 'string') return readingCost(plain);
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) return 1;
  return Object.keys(plain).length * MEMBER_COST;
}
