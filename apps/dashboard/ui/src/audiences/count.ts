import type { AudienceCount } from '@carillon/client/api-types';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';

/** Who is counted: a saved audience, or a filter that need not be saved. */
export type Counted = { audience: string } | { filter: Record<string, unknown> };

/** After the last keystroke. */
const QUIET_MS = 400;

/**
 * Counts an audience as it is written: about at once, exactly when that is asked for.
 *
 * @param counted null while it is not finished: the last count stays.
 * @param exactly without being asked.
 */
export function useCount(counted: Counted | null, exactly = false) {
  const { tenant } = useHere();
  const wanted = counted === null ? null : JSON.stringify(counted);
  const [asked] = useDebouncedValue(wanted, QUIET_MS);
  const [exactOf, setExactOf] = useState<string | null>(null);
  const of = (mode: 'about' | 'exact') => ({
    queryKey: [tenant.app, tenant.environment, 'audience-count', mode, asked],
    queryFn: ({ signal }: { signal: AbortSignal }) => read(JSON.parse(asked!) as Counted, mode, signal),
    retry: false,
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });
  const isExact = asked !== null && (exactly || exactOf === asked);
  const about = useQuery({ ...of('about'), enabled: asked !== null, placeholderData: keepPreviousData });
  const exact = useQuery({ ...of('exact'), enabled: isExact });
  return {
    about,
    exact,
    /** The shown count is of what was there before. */
    isBehind: wanted !== asked || about.isPlaceholderData || about.isFetching,
    isExact,
    countExactly: () => {
      if (isExact) void exact.refetch();
      else setExactOf(asked);
    },
  };
}

export type CountOf = ReturnType<typeof useCount>;

function read(counted: Counted, mode: 'about' | 'exact', signal: AbortSignal): Promise<AudienceCount> {
  const query = mode === 'about' ? ({ exact: 'false' } as const) : {};
  return 'audience' in counted
    ? call('countAudience', { path: { key: counted.audience }, query }, { signal })
    : call('countFilter', { query, body: { filter: counted.filter } }, { signal });
}
