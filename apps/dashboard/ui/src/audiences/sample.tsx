import type { Recipient } from '@carillon/client/api-types';
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { type Column, Loading, RowsTable } from '../elements/data-table.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import type { Counted } from './count.ts';

const SHOWN = 5;
/** A longer filter does not go into the address of a request. */
const MAX_FILTER = 6_000;

const COLUMNS: readonly Column<Recipient>[] = [
  {
    title: 'Recipient',
    cell: ({ recipient_id: id }) => (
      <Anchor component={Link} to="/recipients/$id" params={{ id } as never} className="mono" target="_blank">
        {id}
      </Anchor>
    ),
  },
  { title: 'E-mail', cell: ({ email }) => email },
  { title: 'Language', cell: ({ locale }) => locale },
  {
    title: 'Attributes',
    wideOnly: true,
    cell: ({ attributes }) => (
      <Text size="sm" className="mono" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
        {Object.entries(attributes ?? {})
          .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join(', ')}
      </Text>
    ),
  },
];

/** A few of the people who belong to an audience, in another tab so that what is written stays. */
export function SamplePeople({ counted }: { counted: Counted | null }) {
  const { tenant } = useHere();
  const may = useMay();
  const [isShown, setIsShown] = useState(false);
  const [asked] = useDebouncedValue(counted === null ? null : JSON.stringify(counted), 400);
  const isTooLong = asked !== null && asked.length > MAX_FILTER;
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'audience-sample', asked],
    queryFn: ({ signal }) => {
      const of = JSON.parse(asked!) as Counted;
      const by = 'audience' in of ? { audience: of.audience } : { filter: JSON.stringify(of.filter) };
      return call('listRecipients', { query: { ...by, limit: SHOWN } }, { signal });
    },
    enabled: isShown && asked !== null && !isTooLong,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!may('recipients:read')) return null;
  return (
    <Stack gap="xs">
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? 'Hide the people' : 'Show some of them'}
        </Button>
      </Group>
      {isShown &&
        (isTooLong ? (
          <Text size="sm">Save it first: the filter is too long to be looked up before.</Text>
        ) : query.isError && query.data === undefined ? (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          asked !== null && <Loading />
        ) : query.data.data.length === 0 ? (
          <Text size="sm">
            {query.data.next_cursor === null
              ? 'There is nobody.'
              : 'There is nobody among the recipients that were looked at first.'}
          </Text>
        ) : (
          <RowsTable
            rows={query.data.data}
            columns={COLUMNS}
            rowKey={({ recipient_id }) => recipient_id}
            label="Some of these people"
          />
        ))}
    </Stack>
  );
}
