import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { own } from '../api/call.ts';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Mark } from '../elements/mark.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';

interface OwnSession {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  ip_address: string | null;
  user_agent: string | null;
}

const KEY = ['own-sessions'];

/** Where one is signed in, and the end of each. */
export function Sessions() {
  const queries = useQueryClient();
  const query = usePages(KEY, async () => ({
    ...(await own<{ data: OwnSession[] }>('GET', '/session/list')),
    next_cursor: null,
  }));
  const columns: Column<OwnSession>[] = [
    { title: 'Browser', cell: ({ user_agent }) => <Text size="sm">{user_agent ?? 'unknown'}</Text> },
    { title: 'Address', cell: ({ ip_address }) => ip_address ?? 'unknown' },
    { title: 'Signed in', cell: ({ created_at }) => <Time at={created_at} /> },
    { title: 'Last seen', cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
    {
      title: '',
      cell: ({ id, current }) =>
        current ? (
          <Mark tone="good">this one</Mark>
        ) : (
          <ConfirmButton
            label="End"
            size="xs"
            title="End this session"
            confirm="End it"
            done="The session has ended."
            action={async () => {
              await own('DELETE', `/session/list/${id}`);
              await queries.invalidateQueries();
            }}
          >
            Anyone who uses it has to sign in again.
          </ConfirmButton>
        ),
    },
  ];
  return (
    <DataTable query={query} columns={columns} rowKey={({ id }) => id} label="Your sessions" empty={null} />
  );
}
