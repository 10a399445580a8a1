import type { Lane, LanePage } from '@carillon/client/api-types';
import { Alert, Anchor, Text } from '@mantine/core';
import { call } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { CHANNEL_WORDS } from '../suppressions/words.ts';

const number = new Intl.NumberFormat();

export default function LanesPage() {
  const list = usePages(['lanes'], (_, signal) => call('listLanes', {}, { signal }), { refetchMs: 3_000 });
  const redis = (list.data?.pages[0] as LanePage | undefined)?.redis ?? 'ok';
  const count = (of: (lane: Lane) => number | undefined) => (lane: Lane) => {
    const value = of(lane);
    return value === undefined ? <span className="dim">unknown</span> : <Count of={value} />;
  };
  const columns: Column<Lane>[] = [
    {
      title: 'Lane',
      cell: ({ channel, priority }) =>
        channel === null || priority === null
          ? 'Events to webhooks'
          : `${CHANNEL_WORDS[channel]}, ${priority}`,
    },
    {
      title: 'Moves',
      cell: ({ paused }) =>
        paused === null ? (
          <span className="dim">unknown</span>
        ) : paused ? (
          <Mark tone="doubt">paused</Mark>
        ) : (
          <Mark tone="good">yes</Mark>
        ),
    },
    { title: 'Waiting', align: 'right', cell: count(({ jobs }) => jobs?.waiting) },
    {
      title: 'Oldest waits',
      align: 'right',
      cell: ({ oldest_waiting_seconds: seconds }) =>
        seconds === null ? <span className="dim">unknown</span> : <Seconds of={seconds} />,
    },
    { title: 'In work', align: 'right', cell: count(({ jobs }) => jobs?.active) },
    { title: 'For later', align: 'right', wideOnly: true, cell: count(({ jobs }) => jobs?.delayed) },
    { title: 'Failed', align: 'right', cell: count(({ jobs }) => jobs?.failed) },
    { title: 'In the outbox', align: 'right', cell: count(({ outbox }) => outbox.waiting) },
    {
      title: 'Outbox due for',
      align: 'right',
      wideOnly: true,
      cell: ({ outbox }) => <Seconds of={outbox.oldest_due_seconds} />,
    },
    {
      title: '',
      cell: ({ lane }) =>
        lane === 'events' ? null : (
          <Anchor href={`/queues/queue/${lane}`} size="sm" aria-label={`Jobs of ${lane} in Bull Board`}>
            Jobs
          </Anchor>
        ),
    },
  ];
  return (
    <PageFrame
      title="Lanes"
      description="A lane is a channel at a priority. What is accepted lies in the outbox until it has a place in its lane. These are the lanes of the whole installation, in both environments; their jobs are worked on in Bull Board."
      actions={<Anchor href="/queues">Open Bull Board</Anchor>}
    >
      {redis !== 'ok' && (
        <Alert color="yellow" variant="outline" role="status" title={REDIS[redis].title}>
          <Text size="sm">{REDIS[redis].detail}</Text>
        </Alert>
      )}
      <DataTable query={list} columns={columns} rowKey={({ lane }) => lane} label="Lanes" empty={null} />
    </PageFrame>
  );
}

const REDIS = {
  down: {
    title: 'Redis does not answer',
    detail:
      'Only the outbox is known. Nothing that was accepted is lost: it waits in PostgreSQL, and the lanes are filled again once Redis is back.',
  },
  not_configured: {
    title: 'The API has no Redis',
    detail: 'Set REDIS_URL for the API to see what waits in the lanes. The outbox is shown all the same.',
  },
} as const;

function Count({ of }: { of: number }) {
  return of === 0 ? <span className="dim">0</span> : <strong>{number.format(of)}</strong>;
}

/** "0.4 s", "12 s", "3 min". */
function Seconds({ of }: { of: number }) {
  if (of === 0) return <span className="dim">0 s</span>;
  const text =
    of < 10 ? `${of.toFixed(1)} s` : of < 120 ? `${Math.round(of)} s` : `${Math.round(of / 60)} min`;
  return <span style={{ whiteSpace: 'nowrap' }}>{text}</span>;
}
