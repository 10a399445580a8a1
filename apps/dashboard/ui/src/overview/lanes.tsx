import type { Overview } from '@carillon/client/api-types';
import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type Column, RowsTable } from '../elements/data-table.tsx';
import { count, duration } from '../elements/quantities.ts';

type Row = Overview['lanes'][number];

const number = (value: number | null) => (value === null ? '-' : count(value));

const columns: Column<Row>[] = [
  { title: 'Lane', cell: ({ lane }) => <span className="mono">{lane}</span> },
  { title: 'Waiting', align: 'right', cell: ({ waiting }) => number(waiting) },
  {
    title: 'Oldest',
    align: 'right',
    cell: ({ oldest_seconds: seconds }) => (seconds === null ? '-' : duration(seconds * 1000)),
  },
  { title: 'In work', align: 'right', cell: ({ active }) => number(active) },
  { title: 'Delayed', align: 'right', cell: ({ delayed }) => number(delayed), wideOnly: true },
  { title: 'Failed jobs', align: 'right', cell: ({ failed }) => number(failed), wideOnly: true },
  { title: 'To publish', align: 'right', cell: ({ outbox_rows }) => count(outbox_rows) },
  {
    title: 'Relay lag',
    align: 'right',
    cell: ({ relay_lag_seconds: seconds }) => duration(seconds * 1000),
    wideOnly: true,
  },
];

const isBusy = ({ waiting, delayed, active, failed, outbox_rows }: Row): boolean =>
  [waiting, delayed, active, failed, outbox_rows].some((value) => value !== null && value > 0);

/** Lanes with something in them; the others behind a button. */
export function Lanes({ overview: { lanes, redis } }: { overview: Overview }) {
  const [all, { toggle }] = useDisclosure();
  const busy = lanes.filter(isBusy);
  const shown = all ? lanes : busy;
  return (
    <Stack gap="xs" align="start">
      {redis === null && (
        <Text size="sm">
          No worker has measured the lanes in Redis yet. What is to be published is known.
        </Text>
      )}
      {shown.length === 0 ? (
        <Text size="sm">All {lanes.length} lanes are empty.</Text>
      ) : (
        <div style={{ width: '100%' }}>
          <RowsTable rows={shown} columns={columns} rowKey={({ lane }) => lane} label="Lanes" />
        </div>
      )}
      {busy.length < lanes.length && (
        <Button variant="default" size="xs" onClick={toggle} aria-expanded={all}>
          {all ? 'Only lanes with something in them' : `All ${lanes.length} lanes`}
        </Button>
      )}
    </Stack>
  );
}
