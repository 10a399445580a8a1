import type { Import } from '@carillon/client/api-types';
import { Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useReducer } from 'react';
import { CarillonError, call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { Figures } from './figures.tsx';
import { HowFar } from './how-far.tsx';
import { NextStep } from './next-step.tsx';
import { RefusedRows } from './refused-rows.tsx';
import { useUpload } from './uploads.ts';
import { ImportMark, kindOf } from './words.tsx';

const EVERY_MS = 1_500;
/** One that was interrupted may go on from elsewhere. */
const SLOWLY_MS = 5_000;
/** One that runs is among these. */
const NEWEST = 50;

/** One import or check: how far it is, what it did or would do, what it refused, and what comes next. */
export default function ImportPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [, look] = useReducer((n: number) => n + 1, 0);
  const current = useUpload(id);
  // Its tenant is that of the tab in which it began.
  const here =
    current?.upload.plan.tenant.app === tenant.app &&
    current.upload.plan.tenant.environment === tenant.environment
      ? current
      : null;
  const isRunning = here?.upload.isRunning === true;
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'imports', id],
    queryFn: ({ signal }) => readImport(id, isRunning, signal),
    refetchInterval: ({ state: { data, error } }) => pollMs(isRunning, here !== null, data, error),
    retry: false,
  });
  const phase = here?.view.phase.name;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the phase changes, there is news
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment] });
  }, [phase, tenant, queries]);
  const record = query.data ?? null;
  const failure = here?.view.phase.name === 'failed' ? here.view.phase.error : null;
  // Nothing of this tab says what it is.
  const isAsked = record === null && (here === null || phase === 'ended');
  const title = here?.upload.plan.dryRun || record?.dry_run ? 'Check of a file' : 'Import';
  return (
    <PageFrame
      title={title}
      description={
        <Group gap="xs" mt={6}>
          {record !== null && <ImportMark status={isRunning ? 'running' : record.status} />}
          {here?.upload.plan.file.name}
        </Group>
      }
    >
      {failure !== null && <ProblemAlert error={failure} />}
      {failure !== null && record === null && (
        <Text size="sm">
          Nothing was stored. <Link to="/imports/new">Back to the file and its columns</Link>
        </Text>
      )}
      {here !== null && phase !== 'ended' && (record !== null || failure === null) && (
        <HowFar upload={here.upload} view={here.view} record={record} />
      )}
      {isAsked && query.isError && <ProblemAlert error={query.error} retry={() => void query.refetch()} />}
      {isAsked && !query.isError && <Loading />}
      {record !== null && query.isError && !isRunning && (
        <Stale since={query.dataUpdatedAt} error={query.error} />
      )}
      {record !== null && (
        <>
          {!isRunning && record.status !== 'running' && (
            <NextStep
              record={record}
              upload={failure === null ? (here?.upload ?? null) : null}
              onResume={look}
            />
          )}
          {!isRunning && record.status === 'running' && (
            <Text size="sm" role="status">
              {here === null ? 'It is being uploaded by another tab or program.' : 'The server ends it.'}
            </Text>
          )}
          <Figures of={record} />
          <RefusedRows of={record} />
          <Details of={record} />
        </>
      )}
      <Text size="sm">
        <Link to="/imports">All imports</Link>
      </Text>
    </PageFrame>
  );
}

/**
 * @param isUploading in this tab: then it may not be there yet, and is looked for in the list, which has no errors.
 * @returns null if it is not there yet.
 */
async function readImport(id: string, isUploading: boolean, signal: AbortSignal): Promise<Import | null> {
  if (!isUploading) return call('getImport', { path: { id } }, { signal });
  const { data } = await call('listImports', { query: { limit: NEWEST } }, { signal });
  return data.find((each) => each.import_id === id) ?? null;
}

/** How often it is asked for: until it is done, and no longer where there is none. */
function pollMs(
  isRunning: boolean,
  isHere: boolean,
  data: Import | null | undefined,
  error: Error | null,
): number | false {
  if (isRunning || data?.status === 'running') return EVERY_MS;
  const isGone = error instanceof CarillonError && error.status === 404;
  const isOpen = data?.status === 'interrupted' || (!data && isHere && !isGone);
  return isOpen ? SLOWLY_MS : false;
}

function Details({ of }: { of: Import }) {
  return (
    <Facts
      facts={[
        ['What', of.dry_run ? 'a check: no recipient was stored' : kindOf(of)],
        ['Format', of.format === 'csv' ? 'CSV' : 'NDJSON'],
        ['What a row does not give', of.mode === 'upsert' ? 'stays as it is' : 'is removed'],
        ['Opt-outs', of.resubscribe ? 'overridden by the file' : 'stay opt-outs'],
        ['Started', <Time key="started" at={of.created_at} />],
        of.finished_at === null ? null : ['Ended', <Time key="ended" at={of.finished_at} />],
      ]}
    />
  );
}
