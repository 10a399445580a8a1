import type { EventDelivery } from '@carillon/client/api-types';
import { Anchor, Group, Select, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { DELIVERY_STATES, DeliveryMark } from './state.tsx';

/** What an endpoint was sent, with what it answered and how long it took. */
export function Deliveries({ id }: { id: string }) {
  const [{ status }, change] = useFilters(['status']);
  const query = status === undefined ? {} : { status: status as EventDelivery['status'] };
  const list = usePages(
    ['webhook', id, 'deliveries', query],
    (cursor, signal) =>
      call('listEventDeliveries', { path: { id }, query: { ...query, cursor } }, { signal }),
    { refetchMs: 5_000 },
  );
  const columns: Column<EventDelivery>[] = [
    { title: 'State', cell: ({ status: state }) => <DeliveryMark status={state} /> },
    {
      title: 'Event',
      cell: ({ type, notification_id: message }) => (
        <div>
          <Text size="sm">{type}</Text>
          {message !== null && (
            <Anchor
              component={Link}
              size="xs"
              className="mono"
              to="/notifications/$id"
              params={{ id: message } as never}
            >
              message {message.slice(0, 8)}
            </Anchor>
          )}
        </div>
      ),
    },
    {
      title: 'Answer',
      cell: ({ last_status: answered, last_error: error }) => (
        <div style={{ maxWidth: '22rem', overflowWrap: 'anywhere' }}>
          {answered === null ? <span className="dim">none yet</span> : <strong>{answered}</strong>}
          {error !== null && <Text size="xs">{error}</Text>}
        </div>
      ),
    },
    {
      title: 'Took',
      align: 'right',
      cell: ({ last_latency_ms: ms }) =>
        ms === null ? <span className="dim">-</span> : <span style={{ whiteSpace: 'nowrap' }}>{ms} ms</span>,
    },
    { title: 'Tries', align: 'right', cell: ({ tries }) => tries },
    {
      title: 'Next try',
      wideOnly: true,
      cell: ({ next_try_at: next }) =>
        next === null ? <span className="dim">none</span> : <Time at={next} />,
    },
    { title: 'Last try', wideOnly: true, cell: ({ last_tried_at: last }) => <Time at={last} /> },
    { title: 'Happened', cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return (
    <>
      <Group>
        <Select
          label="State"
          placeholder="any"
          clearable
          w={150}
          data={DELIVERY_STATES}
          value={status ?? null}
          onChange={(next) => change({ status: next ?? undefined })}
        />
      </Group>
      <DataTable
        query={list}
        columns={columns}
        rowKey={({ event_id }) => event_id}
        label="Deliveries"
        empty={
          <Empty title={status === undefined ? 'Nothing was sent to it yet' : 'Nothing is in this state'}>
            Events come with what happens to messages; what happened before can be replayed.
          </Empty>
        }
      />
    </>
  );
}
