import type { Notification } from '@carillon/client/api-types';
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Mark, type Tone } from '../elements/mark.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';

const TONES: Partial<Record<Notification['status'], Tone>> = {
  sent: 'good',
  delivered: 'good',
  in_doubt: 'doubt',
  failed: 'bad',
  dead: 'bad',
  suppressed: 'bad',
  expired: 'bad',
  skipped: 'neutral',
  cancelled: 'neutral',
};

/** What a person was sent, newest first. */
export function Messages({ id }: { id: string }) {
  const may = useMay();
  const list = usePages(
    ['notifications', 'of', id],
    (cursor, signal) =>
      call('listNotifications', { query: { recipient_id: id, limit: 20, cursor } }, { signal }),
    { enabled: may('notifications:read') },
  );
  if (!may('notifications:read')) return <p>Your roles do not allow reading messages.</p>;
  const columns: Column<Notification>[] = [
    {
      title: 'Message',
      cell: (row) => (
        <Anchor component={Link} to="/notifications/$id" params={{ id: row.id } as never} className="mono">
          {row.id.slice(0, 8)}
        </Anchor>
      ),
    },
    {
      title: 'State',
      cell: ({ status }) => <Mark tone={TONES[status] ?? 'waiting'}>{status.replace('_', ' ')}</Mark>,
    },
    { title: 'Channel', cell: ({ channel }) => CHANNEL_WORDS[channel] },
    {
      title: 'What',
      cell: ({ template, category }) => template ?? category ?? <span className="dim">inline text</span>,
    },
    {
      title: 'Account',
      wideOnly: true,
      cell: ({ provider }) => provider ?? <span className="dim">none yet</span>,
    },
    { title: 'Accepted', cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return (
    <DataTable
      query={list}
      columns={columns}
      rowKey={(row) => row.id}
      label="Messages to this recipient"
      empty={
        <Empty
          title="No message named this recipient"
          curl={curlOf('POST', '/v1/notifications', {
            to: { recipient_id: id },
            channel: 'email',
            content: { subject: 'Hello', text: 'It works' },
          })}
        >
          What was sent to their bare address is found by the search box. This sends one:
        </Empty>
      }
    />
  );
}
