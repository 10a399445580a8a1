import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Search } from '../shell/search.ts';

/**
 * The filters of a list, which stand in the address: a link shows the same, and "back" goes back.
 *
 * @returns the named members of the address that are set, and a function that changes some of them; undefined or ''
 *   removes one.
 */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [Partial<Record<Name, string>>, (change: Partial<Record<Name, string | undefined>>) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const filters: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = search[name];
    if (value !== undefined && value !== '') filters[name] = value;
  }
  const change = useCallback(
    (next: Partial<Record<Name, string | undefined>>) =>
      void navigate({ to: '.', search: ((before: Search) => ({ ...before, ...next })) as never }),
    [navigate],
  );
  return [filters, change];
}
