import type { Recipient } from '@carillon/client/api-types';
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { usePages } from '../elements/pages-query.ts';

const COLUMNS: readonly Column<Recipient>[] = [
  {
    title: 'Recipient',
    cell: ({ recipient_id: id }) => (
      <Anchor component={Link} to="/recipients/$id" params={{ id } as never} className="mono">
        {id}
      </Anchor>
    ),
  },
  { title: 'E-mail', cell: ({ email }) => email },
  { title: 'Phone', cell: ({ phone }) => phone },
  { title: 'Language', wideOnly: true, cell: ({ locale }) => locale },
];

/** Who is in a list, by id. */
export function Members({ audienceKey: key }: { audienceKey: string }) {
  const may = useMay()('recipients:read');
  const query = usePages<Recipient>(
    ['audience-members', key],
    (cursor, signal) => call('listMembers', { path: { key }, query: { cursor, limit: 20 } }, { signal }),
    { enabled: may },
  );
  if (!may) return null;
  return (
    <DataTable
      query={query}
      columns={COLUMNS}
      rowKey={({ recipient_id }) => recipient_id}
      label="Members"
      empty={<Empty title="Nobody is in it yet">Give ids, or a file of them.</Empty>}
    />
  );
}
