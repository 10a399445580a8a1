import type { AudienceWithUsers } from '@carillon/client/api-types';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { NewAudience } from './new-audience.tsx';
import { audiencePath, UsedBy } from './used-by.tsx';
import { filterWords } from './words.ts';

const whole = new Intl.NumberFormat();

const COLUMNS: readonly Column<AudienceWithUsers>[] = [
  {
    title: 'Audience',
    cell: ({ key, name }) => (
      <>
        <Anchor component={Link} to={audiencePath(key)}>
          {name}
        </Anchor>
        {name !== key && (
          <Text size="xs" className="dim mono">
            {key}
          </Text>
        )}
      </>
    ),
  },
  {
    title: 'Who',
    cell: ({ kind, filter }) => (
      <>
        {kind === 'list' ? 'a list' : 'a filter'}
        {filter !== null && (
          <Text size="xs" className="dim" lineClamp={2} maw="22rem">
            {filterWords(filter)}
          </Text>
        )}
      </>
    ),
  },
  {
    title: 'Last count',
    cell: ({ last_count: last }) =>
      last === null ? (
        <span className="dim">never</span>
      ) : (
        <>
          {whole.format(last.count)}
          <Text size="xs" className="dim" component="div">
            <Time at={last.counted_at} />
          </Text>
        </>
      ),
  },
  { title: 'Used by', cell: ({ used_by }) => <UsedBy of={used_by} /> },
  {
    title: 'Changed',
    wideOnly: true,
    cell: ({ updated_at, updated_by }) => (
      <>
        <Time at={updated_at} />
        <Text size="xs" className="dim">
          {updated_by}
        </Text>
      </>
    ),
  },
];

export default function Audiences() {
  const query = usePages<AudienceWithUsers>(['audiences'], (cursor, signal) =>
    call('listAudiences', { query: { cursor } }, { signal }),
  );
  const may = useMay();
  return (
    <PageFrame
      title="Audiences"
      description="Whom campaigns are for: filters that are looked up when they are used, and lists of people."
      actions={may('audiences:*') && <NewAudience />}
    >
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ key }) => key}
        label="Audiences"
        empty={
          <Empty
            title="There are no audiences yet"
            curl={curlOf('PUT', '/v1/audiences/pro-customers', {
              name: 'Customers on the plan pro',
              filter: { field: 'attributes.plan', op: 'eq', value: 'pro' },
            })}
          >
            Build the first one here, or save one by the API:
          </Empty>
        }
      />
    </PageFrame>
  );
}
