import type { StaffMember, StaffSession } from '@carillon/client/api-types';
import { Button, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { callEverywhere } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';

/** Where a person is signed in, and the end of each session. */
export function StaffSessions({ member }: { member: StaffMember }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Sessions
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        size="xl"
        title={`Sessions of ${member.email}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <List id={member.id} />
      </Modal>
    </>
  );
}

function List({ id }: { id: string }) {
  const queries = useQueryClient();
  const query = usePages<StaffSession>(['staff', id, 'sessions'], (_, signal) =>
    callEverywhere('listStaffSessions', { path: { id } }, { signal }),
  );
  const columns: Column<StaffSession>[] = [
    { title: 'Browser', cell: ({ user_agent }) => <Text size="sm">{user_agent ?? 'unknown'}</Text> },
    { title: 'Address', cell: ({ ip_address }) => ip_address ?? 'unknown' },
    { title: 'Last seen', cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
    {
      title: '',
      cell: (session) => (
        <Button
          size="xs"
          variant="default"
          onClick={async () => {
            await callEverywhere('deleteStaffSession', { path: { id, session_id: session.id } });
            await queries.invalidateQueries();
          }}
        >
          End
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      query={query}
      columns={columns}
      rowKey={(session) => session.id}
      label="Sessions"
      empty={<Text>Not signed in anywhere.</Text>}
    />
  );
}
