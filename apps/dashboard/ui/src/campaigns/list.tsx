import type { Campaign } from '@carillon/client/api-types';
import { CAMPAIGN_STATES } from '@carillon/core/campaign/states';
import { CAMPAIGN_STATE_WORDS } from '@carillon/core/campaign/wording';
import { Anchor, Group, Progress, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { count } from '../elements/quantities.ts';
import { Time } from '../elements/time.tsx';
import { NewCampaign } from './new-campaign.tsx';
import { Upcoming } from './upcoming.tsx';
import { audienceWords, CampaignMark, progressOf } from './words.tsx';

const FILTERS = ['state', 'view'] as const;

/** All campaigns, or the calendar of those to come. */
export default function CampaignsPage() {
  const may = useMay();
  const [filters, change] = useFilters(FILTERS);
  const isCalendar = filters.view === 'upcoming';
  return (
    <PageFrame
      title="Campaigns"
      description="One template to many people: now, at a time, or at a time on the clock of each."
      actions={may('campaigns:*') && <NewCampaign />}
    >
      <Group align="end" gap="sm">
        <SegmentedControl
          aria-label="View"
          data={[
            { value: 'all', label: 'All' },
            { value: 'upcoming', label: 'What is to come' },
          ]}
          value={isCalendar ? 'upcoming' : 'all'}
          onChange={(view) => change({ view: view === 'all' ? undefined : view })}
        />
        {!isCalendar && (
          <Select
            label="State"
            placeholder="any"
            clearable
            w={180}
            data={CAMPAIGN_STATES.map((state) => ({
              value: state,
              label: CAMPAIGN_STATE_WORDS[state].title,
            }))}
            value={filters.state ?? null}
            onChange={(state) => change({ state: state ?? undefined })}
          />
        )}
      </Group>
      {isCalendar ? <Upcoming /> : <CampaignList state={filters.state} />}
    </PageFrame>
  );
}

const COLUMNS: readonly Column<Campaign>[] = [
  {
    title: 'Campaign',
    cell: ({ id, name, state }) => (
      <Anchor
        component={Link}
        to={state === 'draft' ? `/campaigns/${id}/edit` : `/campaigns/${id}`}
        size="sm"
        style={{ overflowWrap: 'anywhere' }}
      >
        {name}
      </Anchor>
    ),
  },
  { title: 'State', cell: ({ state }) => <CampaignMark state={state} /> },
  {
    title: 'Audience',
    cell: ({ audience }) => (
      <Text size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
        {audienceWords(audience)}
      </Text>
    ),
  },
  { title: 'Progress', cell: (row) => <ProgressCell row={row} /> },
  { title: 'When', cell: (row) => <When row={row} /> },
];

function CampaignList({ state }: { state: string | undefined }) {
  const query = usePages(
    ['campaigns', state ?? ''],
    (cursor, signal) => call('listCampaigns', { query: { state, cursor, limit: 50 } }, { signal }),
    { refetchMs: 5_000 },
  );
  return (
    <DataTable
      query={query}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      label="Campaigns"
      empty={
        state === undefined ? (
          <Empty
            title="There is no campaign yet"
            curl={curlOf('POST', '/v1/campaigns', {
              name: 'Spring sale',
              template: 'spring-sale',
              channel: 'in_app',
              audience: { audience: 'customers' },
            })}
          >
            Begin one with "New campaign", or by the API:
          </Empty>
        ) : (
          <Empty title="No campaign is in this state" />
        )
      }
    />
  );
}

function ProgressCell({ row: { state, counts } }: { row: Campaign }) {
  if (counts.planned === 0) return state === 'running' ? <span className="dim">starting</span> : null;
  const { over, share } = progressOf(counts);
  const words = `${count(over)} of ${count(counts.planned)}`;
  return (
    <Stack gap={2} miw="7rem">
      <Progress.Root size="sm">
        <Progress.Section value={share} color="teal" aria-label="Progress" aria-valuetext={words} />
      </Progress.Root>
      <Text size="xs" className="dim">
        {words}
      </Text>
    </Stack>
  );
}

/** The moment that says most about a campaign in its state. */
function When({ row }: { row: Campaign }) {
  const [word, at] =
    row.ended_at !== null
      ? ['ended', row.ended_at]
      : row.started_at !== null
        ? ['since', row.started_at]
        : row.starts_at !== null && row.state !== 'draft'
          ? ['starts', row.starts_at]
          : ['changed', row.updated_at];
  return (
    <Text size="sm" component="span">
      <span className="dim">{word}</span> <Time at={at} />
    </Text>
  );
}
