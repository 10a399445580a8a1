import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { Accounts } from './accounts.tsx';
import { Charts } from './charts.tsx';
import { Lanes } from './lanes.tsx';
import { Priorities } from './priorities.tsx';
import { Tiles } from './tiles.tsx';

/** One answer of the API serves all who ask within two seconds, so that many may look. */
const EVERY_MS = 3_000;

export default function OverviewPage() {
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'overview'],
    queryFn: ({ signal }) => call('getOverview', {}, { signal }),
    refetchInterval: EVERY_MS,
  });
  const { data } = query;
  return (
    <PageFrame
      title="Overview"
      description={
        data === undefined ? (
          'What the whole installation does at this moment.'
        ) : (
          <>
            What the whole installation does, in the {tenant.environment} environment. Measured{' '}
            <Time at={data.measured_at} />.
          </>
        )
      }
    >
      {query.isPending && <Loading />}
      {query.isError && data === undefined && (
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      )}
      {query.isError && data !== undefined && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {data !== undefined && (
        <Stack gap="lg">
          <Tiles overview={data} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
            <section aria-labelledby="priorities">
              <Heading id="priorities" title="By priority" note="the last five minutes" />
              <Priorities overview={data} />
            </section>
            <section aria-labelledby="accounts">
              <Heading id="accounts" title="Provider accounts" note="the last five minutes" />
              <Accounts overview={data} />
            </section>
          </SimpleGrid>
          <section aria-labelledby="lanes">
            <Heading id="lanes" title="Lanes" note="at this moment, both environments" />
            <Lanes overview={data} />
          </section>
        </Stack>
      )}
      <Charts />
    </PageFrame>
  );
}

export function Heading({ id, title, note }: { id: string; title: string; note: string }) {
  return (
    <Title order={2} id={id} mb="xs">
      {title}{' '}
      <Text span size="sm" fw={400} className="dim">
        {note}
      </Text>
    </Title>
  );
}
