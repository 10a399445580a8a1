import type { Notification } from '@carillon/client/api-types';
import { STATE_WORDS } from '@carillon/core/notification/wording';
import { Group, Text } from '@mantine/core';
import { call } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { MessageActions } from './actions.tsx';
import { COLUMNS } from './columns.tsx';

const [TO, , CHANNEL, WHAT, ERROR, ACCEPTED] = COLUMNS;

const DOUBT_COLUMNS: readonly Column<Notification>[] = [
  TO!,
  {
    title: 'Who decides',
    cell: ({ next_attempt_at }) =>
      next_attempt_at === null ? (
        <Mark tone="doubt">a person</Mark>
      ) : (
        <Text size="sm" component="div">
          looked up by itself, next <Time at={next_attempt_at} />
        </Text>
      ),
  },
  CHANNEL!,
  WHAT!,
  ERROR!,
  ACCEPTED!,
  {
    title: 'Settle',
    cell: (row) => (
      <Group gap={6}>
        <MessageActions message={row} size="xs" />
      </Group>
    ),
  },
];

/** First what waits for a person, then what may still be settled by itself; each the oldest first. */
function inOrder<Page extends { data: Notification[] }>(page: Page): Page {
  const rank = ({ next_attempt_at }: Notification) => (next_attempt_at === null ? 0 : 1);
  const byAge = (a: Notification, b: Notification) => a.created_at.localeCompare(b.created_at);
  return { ...page, data: page.data.toSorted((a, b) => rank(a) - rank(b) || byAge(a, b)) };
}

/** What may have been sent, or not. */
export default function Doubts() {
  const query = usePages(
    ['notifications', { status: 'in_doubt' }],
    (cursor, signal) =>
      call('listNotifications', { query: { status: 'in_doubt', cursor, limit: 50 } }, { signal }).then(
        inOrder,
      ),
    { refetchMs: 10_000 },
  );
  const { means, next } = STATE_WORDS.in_doubt;
  return (
    <PageFrame title="Doubts" description={`${means} ${next}`}>
      <DataTable
        query={query}
        columns={DOUBT_COLUMNS}
        rowKey={({ id }) => id}
        label="Messages in doubt"
        empty={
          <Empty title="Nothing is in doubt">
            Of every message in this app and environment it is known whether a provider has it.
          </Empty>
        }
      />
    </PageFrame>
  );
}
