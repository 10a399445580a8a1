import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { CarillonError } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { useFilters } from '../elements/filters.ts';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { FilterPage } from './filter-page.tsx';
import { ListPage } from './list-page.tsx';
import { type Read, readAudience } from './read-audience.ts';

export default function AudiencePage() {
  const { key } = useParams({ strict: false }) as { key: string };
  const [{ name = key }] = useFilters(['name']);
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'audience', key],
    queryFn: async ({ signal }): Promise<Read | null> => {
      try {
        return await readAudience(key, signal);
      } catch (failure) {
        if (failure instanceof CarillonError && failure.status === 404) return null;
        throw failure;
      }
    },
    // What somebody is writing is not replaced by itself.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  if (query.isPending || (query.isFetching && query.isStale))
    return (
      <PageFrame title={name}>
        <Loading />
      </PageFrame>
    );
  if (query.isError)
    return (
      <PageFrame title={name}>
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      </PageFrame>
    );
  if (query.data?.audience.kind === 'list') return <ListPage key={key} read={query.data} />;
  return <FilterPage key={key} audienceKey={key} firstName={name} read={query.data} />;
}
