import { allows, type KeyScope } from '@carillon/core/access/access';
import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { CarillonError, own, type Tenant } from './call.ts';

/** Who is signed in, and what they may do where. */
export interface Session {
  staff: { id: string; email: string; name: string; two_factor: boolean; roles: string[] };
  expires_at: string;
  apps: { id: string; name: string; scopes: Record<'live' | 'test', string[]> }[];
  /** In every app at once. */
  scopes: string[];
}

export const SESSION_KEY = ['session'];

/** The session; `null` where nobody is signed in. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async (): Promise<Session | null> => {
      try {
        return await own<Session>('GET', '/session');
      } catch (error) {
        if (error instanceof CarillonError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
    refetchInterval: 60_000,
    retry: 1,
  });
}

interface Here {
  session: Session;
  tenant: Tenant;
}
const HereContext = createContext<Here | null>(null);

export function HereProvider({ value, children }: { value: Here; children: ReactNode }) {
  return <HereContext.Provider value={value}>{children}</HereContext.Provider>;
}

/** The session and the tenant of the page. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === null) throw new Error('a page outside of the shell');
  return here;
}

/** Whether the person may do something in the app and environment of the page. The API decides; this hides buttons. */
export function useMay(): (scope: KeyScope) => boolean {
  const { session, tenant } = useHere();
  return (scope) => mayIn(session, tenant, scope);
}

export function mayIn(session: Session, tenant: Tenant, scope: KeyScope): boolean {
  const app = session.apps.find(({ id }) => id === tenant.app);
  return allows(app?.scopes[tenant.environment] ?? session.scopes, scope);
}
