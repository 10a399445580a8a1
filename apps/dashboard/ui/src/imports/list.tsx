import type { Import } from '@carillon/client/api-types';
import { Anchor, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { ImportMark, kindOf, number } from './words.tsx';

const COLUMNS: readonly Column<Import>[] = [
  {
    title: 'What',
    cell: (row) => (
      <Anchor component={Link} to={`/imports/${row.import_id}`} size="sm">
        {kindOf(row)}
      </Anchor>
    ),
  },
  { title: 'Started', cell: ({ created_at }) => <Time at={created_at} /> },
  { title: 'State', cell: (row) => <ImportMark status={row.status} /> },
  { title: 'Rows', align: 'right', cell: ({ read }) => number(read) },
  { title: 'New', align: 'right', cell: ({ created }) => number(created) },
  { title: 'Changed', align: 'right', cell: ({ updated }) => number(updated) },
  { title: 'Unchanged', align: 'right', wideOnly: true, cell: ({ unchanged }) => number(unchanged) },
  { title: 'Refused', align: 'right', cell: ({ failed }) => number(failed) },
];

/** The imports and checks of the last 30 days, newest first. */
export default function ImportsPage() {
  const may = useMay();
  const query = usePages(
    ['imports'],
    (cursor, signal) => call('listImports', { query: { cursor, limit: 50 } }, { signal }),
    { refetchMs: 5_000 },
  );
  return (
    <PageFrame
      title="Imports"
      description="Files of recipients, and checks of them. Kept for 30 days."
      actions={
        may('recipients:import') && (
          <Button component={Link} to="/imports/new">
            Import
          </Button>
        )
      }
    >
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ import_id }) => import_id}
        label="Imports"
        empty={
          <Empty title="No import yet" curl="carillon recipients import people.csv">
            Recipients come from an app one by one, or from a file: on this page, or by the command line.
          </Empty>
        }
      />
    </PageFrame>
  );
}
