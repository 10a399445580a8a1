import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import { call } from '../../api/call.ts';
import { useHere, useMay } from '../../api/session.tsx';
import type { KnownField } from './change-form.ts';

/** What a filter of this app can name. Empty where it is not read yet, or the person may not read it. */
export interface Known {
  attributes: readonly KnownField[];
  categories: readonly string[];
  audiences: readonly { key: string; name: string }[];
  /** The newest first. */
  campaigns: readonly { id: string; name: string; state: string }[];
  /** Everything was read that the person may read. */
  isRead: boolean;
}

const NOTHING: Known = { attributes: [], categories: [], audiences: [], campaigns: [], isRead: false };
const KnownContext = createContext<Known>(NOTHING);

export const KnownProvider = KnownContext.Provider;
export const useKnown = (): Known => useContext(KnownContext);

/** @param without the key of the audience that is written: it cannot name itself. */
export function useReadKnown(without?: string): Known {
  const { tenant } = useHere();
  const may = useMay();
  const of = <T>(name: string, enabled: boolean, read: (signal: AbortSignal) => Promise<T>) => ({
    queryKey: [tenant.app, tenant.environment, ...name.split(' ')],
    queryFn: ({ signal }: { signal: AbortSignal }) => read(signal),
    enabled,
    retry: false,
    staleTime: 60_000,
  });
  const attributes = useQuery(
    of('recipient-attributes', may('recipients:read'), (signal) =>
      call('listRecipientAttributes', {}, { signal }),
    ),
  );
  const categories = useQuery(
    of('categories all', may('categories:read'), (signal) =>
      call('listCategories', { query: { limit: 200 } }, { signal }),
    ),
  );
  const audiences = useQuery(
    of('audiences all', may('audiences:read'), (signal) =>
      call('listAudiences', { query: { limit: 200 } }, { signal }),
    ),
  );
  const campaigns = useQuery(
    of('campaigns all', may('campaigns:read'), (signal) =>
      call('listCampaigns', { query: { limit: 200 } }, { signal }),
    ),
  );
  return useMemo(
    () => ({
      attributes: attributes.data?.data ?? [],
      categories: categories.data?.data.map(({ name }) => name).filter((name) => name !== '*') ?? [],
      audiences: audiences.data?.data.filter(({ key }) => key !== without) ?? [],
      campaigns: campaigns.data?.data ?? [],
      isRead: !attributes.isLoading && !categories.isLoading && !audiences.isLoading,
    }),
    [attributes, categories, audiences, campaigns, without],
  );
}
