import type { Overview } from '@carillon/client/api-types';
import { type Column, RowsTable } from '../elements/data-table.tsx';
import { count, duration } from '../elements/quantities.ts';

type Row = Overview['priorities'][number];

const columns: Column<Row>[] = [
  { title: 'Priority', cell: ({ priority }) => priority },
  { title: 'Accepted', align: 'right', cell: ({ accepted }) => count(accepted) },
  { title: 'Sent', align: 'right', cell: ({ sent }) => count(sent) },
  {
    title: 'Half within',
    align: 'right',
    cell: ({ end_to_end_ms: ms }) => (ms === null ? '-' : duration(ms.p50)),
  },
  {
    title: '99 % within',
    align: 'right',
    cell: ({ end_to_end_ms: ms }) => (ms === null ? '-' : duration(ms.p99)),
  },
];

/** From when a message was due to its acceptance by a provider. */
export function Priorities({ overview }: { overview: Overview }) {
  return (
    <RowsTable
      rows={overview.priorities}
      columns={columns}
      rowKey={({ priority }) => priority}
      minWidth={320}
      label="By priority: accepted, sent, and the time from due to sent"
    />
  );
}
