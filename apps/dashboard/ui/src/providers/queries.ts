import type { Provider, ProviderAccountWithHealth } from '@carillon/client/api-types';
import { useQuery } from '@tanstack/react-query';
import { callLive, exchangeLive } from '../api/call.ts';
import { useHere } from '../api/session.tsx';

const EVERY_MS = 5_000;

/** Every account with its health, again and again. */
export function useAccounts() {
  const { tenant } = useHere();
  return useQuery({
    queryKey: [tenant.app, 'accounts'],
    queryFn: async ({ signal }) => (await callLive('listProviderAccounts', {}, { signal })).data,
    refetchInterval: EVERY_MS,
  });
}

/** An account with the ETag that a change starts from. */
export interface TaggedAccount {
  account: ProviderAccountWithHealth;
  etag: string;
}

export async function readAccount(id: string, signal?: AbortSignal): Promise<TaggedAccount> {
  const answer = await exchangeLive(
    'getProviderAccount',
    { path: { account: id } },
    signal ? { signal } : {},
  );
  return { account: answer.body, etag: answer.header('etag') ?? '' };
}

export function useAccount(id: string) {
  const { tenant } = useHere();
  return useQuery({
    queryKey: [tenant.app, 'account', id],
    queryFn: ({ signal }) => readAccount(id, signal),
    refetchInterval: EVERY_MS,
  });
}

/** The providers with the fields of their accounts; they change with a release only. */
export function useProviders() {
  const { tenant } = useHere();
  return useQuery({
    queryKey: [tenant.app, 'providers'],
    queryFn: async ({ signal }): Promise<Provider[]> =>
      (await callLive('listProviders', {}, { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
