import { Drop, toValue } from 'liquidjs';

/**
 * The printed form of a value. Lists print their items one after the other, a missing value prints nothing, and an
 * object prints as JSON: `[object Object]` is useless.
 *
 * @param visit is called for each item of a list before it is printed, so that a long list of empty items is counted.
 */
export function printed(value: unknown, visit: () => void = () => {}): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    let text = '';
    for (const item of value) {
      visit();
      text += printed(item, visit);
    }
    return text;
  }
  if (value instanceof Drop) {
    const plain: unknown = toValue(value);
    return plain === value ? '' : printed(plain, visit);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * A value as text filters receive it: an object becomes its JSON, which LiquidJS would write as `[object Object]`.
 */
export function printable(value: unknown): unknown {
  const plain: unknown = toValue(value);
  if (Array.isArray(plain)) return plain.some(isPlainObject) ? plain.map(printable) : value;
  return isPlainObject(plain) ? JSON.stringify(plain) : value;
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Drop);
}
