/** What stands in the address after `?`: texts only. Filters of a list are read and written by `useFilters`. */
export type Search = Record<string, string | undefined>;

/** Texts stay texts: the router's own form would read "1" as a number. */
export const parseSearch = (text: string): Search => Object.fromEntries(new URLSearchParams(text));

export function writeSearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
