import type { PartKind } from '@carillon/core/template/compile/parts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { PartEditor } from './part-editor.tsx';
import { readPart } from './read.ts';

export const Layout = () => <PartPage kind="layout" />;
export const Partial = () => <PartPage kind="partial" />;

/** The page of a layout or partial. */
function PartPage({ kind }: { kind: PartKind }) {
  const { key } = useParams({ strict: false }) as { key: string };
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, kind, key],
    queryFn: ({ signal }) => readPart(kind, key, signal),
    // What somebody is writing is not replaced by itself.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  if (query.isPending || (query.isFetching && query.isStale))
    return (
      <PageFrame title={key}>
        <Loading />
      </PageFrame>
    );
  if (query.isError)
    return (
      <PageFrame title={key}>
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      </PageFrame>
    );
  return <PartEditor key={`${kind} ${key}`} kind={kind} partKey={key} read={query.data} />;
}
