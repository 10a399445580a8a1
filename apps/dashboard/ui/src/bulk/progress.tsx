import type { BulkAction } from '@carillon/client/api-types';
import { SKIP_WORDS } from '@carillon/core/notification/wording';
import { Group, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { BulkMark } from './mark.tsx';
import { filterWords, progressOf, VERBS } from './verbs.ts';

/** How far one bulk action is, what it left out and why, and its stop. */
export default function BulkProgress() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'bulk', id],
    queryFn: ({ signal }) => call('getBulkAction', { path: { id } }, { signal }),
    refetchInterval: ({ state: { data } }) => (data && data.status !== 'running' ? false : 1_000),
  });
  if (query.data === undefined)
    return (
      <PageFrame title="Bulk action">
        {query.isError ? (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )}
      </PageFrame>
    );
  const action = query.data;
  return (
    <PageFrame
      title={`${VERBS[action.action]} in bulk`}
      description={
        <Group gap="xs" mt={6}>
          <BulkMark action={action} />
        </Group>
      }
      actions={<Stop action={action} />}
    >
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      <HowFar action={action} />
      <Skipped skipped={action.skipped} />
      <Facts
        facts={[
          ['Messages with', filterWords(action.filter)],
          ['Pace', `at most ${action.rate_per_second} a second`],
          action.send_at === null ? null : ['New time', <Time key="at" at={action.send_at} />],
          action.action === 'retry'
            ? ['What may have arrived', action.accept_duplicate_risk ? 'is sent again too' : 'is skipped']
            : null,
          ['Started', <Time key="started" at={action.created_at} />],
          action.finished_at === null ? null : ['Ended', <Time key="ended" at={action.finished_at} />],
        ]}
      />
      <Text size="sm">
        <Link to="/bulk">All bulk actions</Link>
      </Text>
    </PageFrame>
  );
}

function HowFar({ action }: { action: BulkAction }) {
  const { skipped, seen, share } = progressOf(action);
  const of = `${action.matched_is_complete ? '' : 'at least '}${action.matched}`;
  if (action.dry_run) return <Text>{of} messages met the filter. Nothing was moved.</Text>;
  return (
    <Stack gap={4} maw="40rem">
      <Progress.Root size="lg">
        <Progress.Section
          value={share}
          color="teal"
          aria-label="How far it is"
          aria-valuetext={`${seen} of ${of}`}
        />
      </Progress.Root>
      <Text size="sm" role="status">
        {seen} of {of} messages: {action.done} moved, {skipped} skipped
      </Text>
    </Stack>
  );
}

function Skipped({ skipped }: { skipped: BulkAction['skipped'] }) {
  const reasons = Object.entries(skipped);
  if (reasons.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2}>Why some were skipped</Title>
      <Table aria-label="Why some were skipped" maw="48rem">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Reason</Table.Th>
            <Table.Th ta="right">Messages</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reasons.map(([reason, count]) => (
            <Table.Tr key={reason}>
              <Table.Td>
                <Text size="sm">{SKIP_WORDS[reason]?.title ?? reason}</Text>
                <Text size="xs" className="dim">
                  {SKIP_WORDS[reason]?.means} {SKIP_WORDS[reason]?.next}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{count}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Stop({ action: { id, status } }: { action: BulkAction }) {
  const may = useMay();
  const queries = useQueryClient();
  if (status !== 'running' || !may('notifications:work')) return null;
  return (
    <ConfirmButton
      label="Stop"
      title="Stop this action"
      confirm="Stop it"
      danger
      done="It is stopped."
      action={async () => {
        await call('stopBulkAction', { path: { id } });
        await queries.invalidateQueries();
      }}
    >
      Nothing further is moved. What was moved stays so.
    </ConfirmButton>
  );
}
