import type { InboxMessage } from '@carillon/client/api-types';
import { Anchor, Group, Select, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark, type Tone } from '../elements/mark.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';

const STATUSES = [
  { value: 'unread', label: 'Unread' },
  { value: 'unseen', label: 'Not seen yet' },
  { value: 'read', label: 'Read' },
  { value: 'archived', label: 'Archived' },
  { value: 'snoozed', label: 'Snoozed' },
];
type Status = 'unread' | 'unseen' | 'read' | 'archived' | 'snoozed';

/** The inbox of a person, as they have it in their app. Texts only for those who may read what people were sent. */
export function Inbox({ id }: { id: string }) {
  const may = useMay();
  const [{ status }, change] = useFilters(['status']);
  const list = usePages(
    ['recipient', id, 'inbox', status],
    (cursor, signal) =>
      call(
        'listInboxOf',
        { path: { recipient_id: id }, query: { status: status as Status | undefined, limit: 20, cursor } },
        { signal },
      ),
    { refetchMs: 15_000 },
  );
  const columns: Column<InboxMessage>[] = [
    {
      title: 'State',
      cell: (row) => {
        const { tone, word } = stateOf(row);
        return <Mark tone={tone}>{word}</Mark>;
      },
    },
    {
      title: 'Message',
      cell: ({ id, title, body }) => (
        <div style={{ maxWidth: '28rem' }}>
          <Anchor component={Link} to="/notifications/$id" params={{ id } as never}>
            {title ?? <span className="mono">{id.slice(0, 8)}</span>}
          </Anchor>
          {body !== null && (
            <Text size="sm" lineClamp={2}>
              {body}
            </Text>
          )}
        </div>
      ),
    },
    {
      title: 'Category',
      cell: ({ category }) => category ?? <span className="dim">none</span>,
      wideOnly: true,
    },
    { title: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      title: 'Read at',
      cell: ({ read_at }) => (read_at === null ? '' : <Time at={read_at} />),
      wideOnly: true,
    },
    ...(may('recipients:*')
      ? [{ title: '', cell: (row: InboxMessage) => <Archive recipientId={id} message={row} /> }]
      : []),
  ];
  const counts = list.data?.pages[0] as { unread_count: number; unseen_count: number } | undefined;
  return (
    <>
      <Group align="end" gap="md" mb="sm">
        <Select
          label="Show"
          data={STATUSES}
          value={status ?? null}
          onChange={(next) => change({ status: next ?? undefined })}
          placeholder="The list as they see it"
          clearable
        />
        {counts && (
          <Text size="sm" className="dim">
            {counts.unread_count} unread, {counts.unseen_count} not seen yet
          </Text>
        )}
      </Group>
      {!may('content:read') && (
        <Text size="sm" className="dim" mb="sm">
          Your roles do not allow reading what the messages say.
        </Text>
      )}
      <DataTable
        query={list}
        columns={columns}
        rowKey={(row) => row.id}
        label="Inbox of this recipient"
        empty={
          <Empty
            title="There is no such message in their inbox"
            curl={curlOf('POST', '/v1/notifications', {
              to: { recipient_id: id },
              channel: 'in_app',
              content: { title: 'Hello', body: 'It works' },
            })}
          >
            Messages of the channel in-app appear here. This sends one:
          </Empty>
        }
      />
    </>
  );
}

function Archive({ recipientId, message }: { recipientId: string; message: InboxMessage }) {
  const queries = useQueryClient();
  const path = { recipient_id: recipientId, id: message.id };
  const isArchived = message.archived_at !== null;
  return (
    <ConfirmButton
      size="xs"
      label={isArchived ? 'Take out of the archive' : 'Archive'}
      title={isArchived ? 'Take this message out of the archive' : 'Archive this message'}
      confirm={isArchived ? 'Take it out' : 'Archive it'}
      done={isArchived ? 'It is in the list again' : 'It is in the archive'}
      action={async () => {
        await call(isArchived ? 'unarchiveInboxMessageOf' : 'archiveInboxMessageOf', { path });
        await queries.invalidateQueries();
      }}
    >
      {isArchived
        ? 'The person sees it in their list again.'
        : 'It leaves the list of the person; they find it in their archive.'}
    </ConfirmButton>
  );
}

function stateOf({ archived_at, snoozed_until, read_at, seen_at }: InboxMessage): {
  tone: Tone;
  word: string;
} {
  if (archived_at !== null) return { tone: 'neutral', word: 'archived' };
  if (snoozed_until !== null) return { tone: 'neutral', word: 'snoozed' };
  if (read_at !== null) return { tone: 'good', word: 'read' };
  return seen_at === null ? { tone: 'waiting', word: 'not seen' } : { tone: 'waiting', word: 'seen' };
}
