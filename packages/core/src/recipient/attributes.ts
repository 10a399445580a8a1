/**
 * What audiences select recipients by, as JSON: a bound, because every claim and every filter reads them. The same for a
 * single PUT, a batch and an import.
 */
export const MAX_ATTRIBUTES_LENGTH = 16_384;

/**
 * Completes "the attributes are ...".
 *
 * @param length in characters of JSON, where it is known.
 */
export function attributesTooLong(length?: number): string {
  const how = length === undefined ? 'longer than' : `${length} characters long, more than`;
  return `${how} ${MAX_ATTRIBUTES_LENGTH} characters of JSON; keep what audiences need, not the whole profile`;
}
