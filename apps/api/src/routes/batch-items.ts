import { show } from '@carillon/core/text/show';
import { invalid } from '../middleware/invalid.ts';

/** Items of one batch. */
export const MAX_ITEMS = 1_000;

/**
 * The items of a batch. Checks the envelope only: each item is checked separately, so that one bad item does not fail
 * the others.
 *
 * @param list the field that holds them.
 * @throws ProblemError 422.
 */
export function itemsOf(body: unknown, list: string): readonly unknown[] {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw invalid([{ path: '', message: `${show(body)} is not an object; send { "${list}": [ ... ] }` }]);
  }
  const { [list]: items, ...rest } = body as Record<string, unknown>;
  const unknown = Object.keys(rest).map((key) => ({
    path: key,
    message: `there is no field "${key}" here; the body is { "${list}": [ ... ] }`,
  }));
  if (unknown.length > 0) throw invalid(unknown);
  if (!Array.isArray(items)) {
    throw invalid([{ path: list, message: `${show(items)} is not a list; give 1 to ${MAX_ITEMS} items` }]);
  }
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw invalid([
      {
        path: list,
        message: `has ${items.length} items; give 1 to ${MAX_ITEMS}, and more in further requests`,
      },
    ]);
  }
  return items;
}
