import type { LoggedRequest } from '@carillon/client/api-types';
import { Button, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { duration } from '../elements/quantities.ts';
import { Time } from '../elements/time.tsx';
import { RequestFilters, useKeys, useRequestFilters } from './filters.tsx';
import { RequestDetails } from './request.tsx';
import { Status } from './status.tsx';

/** A request is in the log a few seconds after its answer. */
const EVERY_MS = 10_000;

export default function RequestsPage() {
  const filters = useRequestFilters();
  const keys = useKeys();
  const [shown, setShown] = useState<LoggedRequest | null>(null);
  const query = usePages(
    ['requests', filters.query],
    (cursor, signal) => call('listRequests', { query: { ...filters.query, cursor } }, { signal }),
    { refetchMs: EVERY_MS },
  );
  const nameOf = (id: string): string => keys.find((key) => key.id === id)?.name ?? id;
  const columns: Column<LoggedRequest>[] = [
    { title: 'When', cell: ({ at }) => <Time at={at} /> },
    {
      title: 'Request',
      cell: ({ method, path }) => (
        <span className="mono" style={{ overflowWrap: 'break-word' }}>
          <b>{method}</b> {path}
        </span>
      ),
    },
    { title: 'Answer', cell: ({ status }) => <Status status={status} /> },
    {
      title: 'Problem',
      cell: ({ problem }) =>
        problem && (
          <>
            <span className="mono">{problem.code}</span>
            <Text size="xs" className="dim" lineClamp={2}>
              {problem.detail}
            </Text>
          </>
        ),
    },
    {
      title: 'Took',
      align: 'right',
      cell: ({ duration_ms }) => <Short>{duration(duration_ms)}</Short>,
      wideOnly: true,
    },
    { title: 'Key', cell: ({ key_id }) => nameOf(key_id) },
    {
      title: 'Alike',
      align: 'right',
      cell: ({ more }) => (more === 0 ? '' : <Short>{`${more} more`}</Short>),
    },
    {
      title: '',
      cell: (request) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => setShown(request)}
          aria-label={`Details of ${request.method} ${request.path}`}
        >
          Details
        </Button>
      ),
    },
  ];
  return (
    <PageFrame
      title="Request log"
      description="What the keys of this app and environment asked in the last day. Contents, addresses and ids of people are never kept."
    >
      <RequestFilters filters={filters} keys={keys} />
      <DataTable
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        label="Requests, newest first"
        empty={
          filters.isNarrowed ? (
            <Empty title="No request matches">Take a filter away, or look further back.</Empty>
          ) : (
            <Empty
              title="No key has asked anything in the last day"
              curl={curlOf('POST', '/v1/notifications', EXAMPLE)}
            >
              The first request with a key of this app and environment is listed here after a few seconds.
            </Empty>
          )
        }
      />
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={shown === null ? '' : `${shown.method} ${shown.path}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown !== null && <RequestDetails request={shown} keyName={nameOf(shown.key_id)} />}
      </Modal>
    </PageFrame>
  );
}

const EXAMPLE = {
  to: { email: 'ada@example.com' },
  channel: 'email',
  content: { subject: 'Hello', text: 'Hello Ada' },
};

const Short = ({ children }: { children: string }) => (
  <span style={{ whiteSpace: 'nowrap' }}>{children}</span>
);
