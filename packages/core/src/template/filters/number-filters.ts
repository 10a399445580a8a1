import { toValue } from 'liquidjs';
import type { FieldContext } from '../syntax/field-context.ts';
import {
  compare,
  type Decimal,
  decimalOf,
  dividedBy,
  floor,
  minus,
  modulo,
  plainNumber,
  plus,
  round,
  times,
  ZERO,
} from './decimal.ts';

export interface FilterThis {
  context: FieldContext;
}
export type Filter = (this: FilterThis, value?: unknown, ...args: unknown[]) => unknown;

/** Liquid's filters over numbers, in exact decimal arithmetic. Any other value counts as 0, as in LiquidJS. */
export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = {
  abs: arithmetic((value) => (value.units < 0n ? minus(ZERO, value) : value)),
  at_least: arithmetic((value, least) => (compare(value, least) < 0 ? least : value)),
  at_most: arithmetic((value, most) => (compare(value, most) > 0 ? most : value)),
  ceil: arithmetic((value) => minus(ZERO, floor(minus(ZERO, value)))),
  // LiquidJS' rule: the quotient of whole numbers has decimals; a truthy second argument makes it whole.
  divided_by: arithmetic((value, divisor, whole) =>
    whole.units === 0n ? dividedBy(value, divisor) : quotientDown(value, divisor),
  ),
  floor: arithmetic((value) => floor(value)),
  minus: arithmetic((value, less) => minus(value, less)),
  modulo: arithmetic((value, divisor) => modulo(value, divisor)),
  plus: arithmetic((value, more) => plus(value, more)),
  round: arithmetic((value, digits) => round(value, Number(plainNumber(digits)))),
  times: arithmetic((value, factor) => times(value, factor)),
};

/** The sum of a list. */
export function sum(items: Iterable<unknown>, use: (units: number) => void): number | string {
  let whole = 0;
  let total = ZERO;
  for (const item of items) {
    if (Number.isSafeInteger(item) && Number.isSafeInteger(whole + (item as number))) {
      whole += item as number;
      use(1);
    } else {
      total = plus(total, decimalOf(toValue(item)));
      use(costOf(total));
    }
  }
  return plainNumber(plus(total, decimalOf(whole)));
}

type Operation = (value: Decimal, first: Decimal, second: Decimal) => Decimal;

function arithmetic(operate: Operation): Filter {
  return function (...operands) {
    const [value, first, second] = [0, 1, 2].map((i) => decimalOf(toValue(operands[i]) ?? 0)) as [
      Decimal,
      Decimal,
      Decimal,
    ];
    const result = operate(value, first, second);
    this.context.memoryLimit.use(costOf(result) + costOf(value));
    return plainNumber(result);
  };
}

/** Reading, computing and printing a decimal takes about a microsecond. */
const DECIMAL_COST = 25;
const DIGITS_PER_UNIT = 20;

function costOf({ units }: Decimal): number {
  return DECIMAL_COST + (units > LONG || units < -LONG ? units.toString().length / DIGITS_PER_UNIT : 0);
}

const LONG = 10n ** 20n;

function quotientDown(value: Decimal, divisor: Decimal): Decimal {
  const remainder = modulo(value, divisor);
  return dividedBy(minus(value, remainder), divisor);
}
