import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { useHere } from '../api/session.tsx';

/** One page of any list of the API. */
export interface ListPage<Row> {
  data: Row[];
  next_cursor: string | null;
}

/**
 * A list of the API, page by page.
 *
 * @param key what is listed and by which filters; the tenant is added.
 * @param fetchPage asks for one page; `cursor` is undefined for the first.
 * @param options.refetchMs how often the shown pages are asked for again; left out: when the window gets the focus.
 */
export function usePages<Row>(
  key: readonly unknown[],
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<Row>>,
  { refetchMs, enabled = true }: { refetchMs?: number; enabled?: boolean } = {},
) {
  const { tenant } = useHere();
  return useInfiniteQuery<
    ListPage<Row>,
    Error,
    InfiniteData<ListPage<Row>>,
    readonly unknown[],
    string | undefined
  >({
    queryKey: [tenant.app, tenant.environment, ...key],
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    enabled,
    ...(refetchMs !== undefined && { refetchInterval: refetchMs }),
  });
}

export type PagesQuery<Row> = ReturnType<typeof usePages<Row>>;
