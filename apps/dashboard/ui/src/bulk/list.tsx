import type { BulkAction } from '@carillon/client/api-types';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { BulkMark } from './mark.tsx';
import { filterWords, progressOf, VERBS } from './verbs.ts';

const COLUMNS: readonly Column<BulkAction>[] = [
  {
    title: 'Action',
    cell: ({ id, action, dry_run }) => (
      <Anchor component={Link} to={`/bulk/${id}`} size="sm">
        {VERBS[action]}
        {dry_run && ', counted only'}
      </Anchor>
    ),
  },
  { title: 'State', cell: (row) => <BulkMark action={row} /> },
  {
    title: 'Messages with',
    cell: ({ filter }) => (
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {filterWords(filter)}
      </Text>
    ),
  },
  { title: 'Matched', align: 'right', cell: ({ matched }) => matched },
  { title: 'Moved', align: 'right', cell: ({ done }) => done },
  { title: 'Skipped', align: 'right', cell: (row) => progressOf(row).skipped },
  { title: 'Started', cell: ({ created_at }) => <Time at={created_at} /> },
];

/** What was moved in bulk, newest first. */
export default function BulkList() {
  const query = usePages(
    ['bulk'],
    (cursor, signal) => call('listBulkActions', { query: { cursor, limit: 50 } }, { signal }),
    { refetchMs: 3_000 },
  );
  return (
    <PageFrame
      title="Bulk actions"
      description={
        <>
          Start one from the list of <Link to="/notifications">messages</Link>, once it is filtered.
        </>
      }
    >
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        label="Bulk actions"
        empty={
          <Empty
            title="No bulk action yet"
            curl={curlOf('POST', '/v1/bulk', { action: 'retry', filter: { status: 'dead' }, dry_run: true })}
          >
            Filter the messages, then choose "Act on all of these". A count like this one moves nothing:
          </Empty>
        }
      />
    </PageFrame>
  );
}
