import type { Notification } from '@carillon/client/api-types';
import { Group } from '@mantine/core';
import { useEffect } from 'react';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { StartBulk } from '../bulk/start-bulk.tsx';
import { DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { type PagesQuery, usePages } from '../elements/pages-query.ts';
import { COLUMNS } from './columns.tsx';
import { DownloadList } from './download.tsx';
import { FilterBar } from './filter-bar.tsx';
import { countOf, useNotificationFilter } from './filters.ts';

/** Each page looks through 20,000 messages: so many of these are asked for before a person has to. */
const PAGES_WITHOUT_ROWS = 10;

/** A page of the API may be empty although there are more: the next ones are looked through until something is there. */
function useFirstRows(query: PagesQuery<Notification>) {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const pages = data?.pages ?? [];
  const goesOn =
    hasNextPage &&
    !isFetching &&
    !isError &&
    pages.length < PAGES_WITHOUT_ROWS &&
    pages.every((page) => page.data.length === 0);
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
}

/** All messages, newest first, by any filter. */
export default function NotificationList() {
  const may = useMay();
  const [filter, change] = useNotificationFilter();
  const query = usePages(
    ['notifications', filter],
    (cursor, signal) => call('listNotifications', { query: { ...filter, cursor, limit: 50 } }, { signal }),
    { refetchMs: 15_000 },
  );
  const isFiltered = countOf(filter) > 0;
  useFirstRows(query);
  return (
    <PageFrame
      title="Messages"
      description="Newest first. Open one to see what was sent and what became of it."
      actions={
        <Group gap="xs">
          {isFiltered && may('notifications:work') && <StartBulk filter={filter} />}
          <DownloadList filter={filter} />
        </Group>
      }
    >
      <FilterBar filter={filter} change={change} />
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        label="Messages"
        empty={
          isFiltered ? (
            <Empty title="No message meets these filters">
              Take one away, or look whether you are in the right app and environment.
            </Empty>
          ) : (
            <Empty
              title="No messages yet"
              curl={curlOf('POST', '/v1/notifications', {
                to: { email: 'ada@example.com' },
                channel: 'email',
                content: { subject: 'Hello', text: 'It works' },
              })}
            >
              Each message that a program sends in this app and environment is listed here.
            </Empty>
          )
        }
      />
    </PageFrame>
  );
}
