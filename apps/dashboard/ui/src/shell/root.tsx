import { Center, Loader } from '@mantine/core';
import { Outlet, useLocation, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { setTenant, type Tenant } from '../api/call.ts';
import { HereProvider, type Session, useSessionQuery } from '../api/session.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Layout } from './layout.tsx';
import type { Search } from './search.ts';
import { SignIn } from './sign-in.tsx';

const LAST = 'carillon.tenant';

/**
 * Decides between the sign-in form and the pages. A session that is lost shows the form over the page, which stays as it
 * is: after it one is at the same place with the same draft.
 */
export function Root() {
  const session = useSessionQuery();
  const search = useSearch({ strict: false }) as Search;
  const { pathname } = useLocation();
  const known = useMemo(() => ({ last: null as Session | null }), []);
  if (session.data) known.last = session.data;

  const shown = session.data ?? known.last;
  const tenant = useMemo(() => (shown === null ? null : tenantOf(shown, search)), [shown, search]);
  if (tenant !== null) setTenant(tenant);
  useEffect(() => {
    if (tenant !== null) localStorage.setItem(LAST, JSON.stringify(tenant));
  }, [tenant]);

  if (pathname === '/choose-password') return <Outlet />;
  if (session.isPending)
    return (
      <Center h="60vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  if (session.isError && shown === null)
    return (
      <Center p="xl">
        <ProblemAlert error={session.error} retry={() => void session.refetch()} />
      </Center>
    );
  if (shown === null || tenant === null) return <SignIn />;
  return (
    <HereProvider value={{ session: shown, tenant }}>
      {session.data === null && <SignIn again email={shown.staff.email} />}
      <Layout key={`${tenant.app}/${tenant.environment}`} />
    </HereProvider>
  );
}

/** The app and environment of the address, else those used last, else the first. */
function tenantOf(session: Session, search: Search): Tenant {
  const last = lastTenant();
  const app = [search['app'], last?.app].find((id) => session.apps.some((each) => each.id === id));
  const environment = [search['env'], last?.environment, 'live'].find(
    (each) => each === 'live' || each === 'test',
  );
  return { app: app ?? session.apps[0]?.id ?? '*', environment: environment as 'live' | 'test' };
}

function lastTenant(): Tenant | null {
  try {
    return JSON.parse(localStorage.getItem(LAST) ?? 'null') as Tenant | null;
  } catch {
    return null;
  }
}
