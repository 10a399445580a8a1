/**
 * Where the API reads lists from a replica they may be seconds old. Who has just changed something wants to see it: each
 * read says how long ago the last change was answered, and an answer that may be older than that comes from the primary.
 */
export interface OwnChanges {
  /** A change was answered, or it is unknown whether it was made. */
  changed(): void;
  /** Headers of a request that may read. */
  headers(): Record<string, string>;
}

/** No installation allows an older answer. */
const LONGEST_LAG_MS = 3_600_000;
const KEY = 'carillon:changed-at';

/** @param store shared by all pages of this browser, so that a new page knows what another one did. */
export function ownChanges(
  store: Pick<Storage, 'getItem' | 'setItem'>,
  now: () => number = Date.now,
): OwnChanges {
  return {
    changed: () => store.setItem(KEY, String(now())),
    headers() {
      const changedAt = Number(store.getItem(KEY) ?? Number.NEGATIVE_INFINITY);
      const sinceMs = now() - changedAt;
      if (!(sinceMs < LONGEST_LAG_MS)) return {};
      return { 'Carillon-Max-Lag': (Math.max(0, sinceMs) / 1000).toFixed(3) };
    },
  };
}
