import { outsideText } from '@carillon/core/text/outside-text';

/**
 * JSON for a statement, made of texts from outside: providers' answers, receipts, error messages. PostgreSQL can store
 * neither NUL nor half a surrogate pair, in `text` or in `jsonb`, and refuses the whole statement (22P05, 22P02). A
 * provider's text must not be lost for that, so both become U+FFFD. Customers' input is refused at acceptance instead.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return SUSPICIOUS.test(json) ? JSON.stringify(storable(value)) : json;
}

/** How JSON.stringify writes NUL and an unpaired surrogate; the same letters as plain text do no harm. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/;

function storable(value: unknown): unknown {
  if (typeof value === 'string') return outsideText(value);
  if (value === null || typeof value !== 'object') return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return storable(value.toJSON());
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [outsideText(name), storable(member)]),
  );
}
