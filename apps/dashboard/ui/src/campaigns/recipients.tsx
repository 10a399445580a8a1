import type { CampaignRecipient } from '@carillon/client/api-types';
import { NOT_MADE_REASONS } from '@carillon/core/campaign/counts';
import { NOT_MADE_WORDS } from '@carillon/core/campaign/wording';
import { FINAL_STATES } from '@carillon/core/notification/states';
import { errorWords, STATE_WORDS, type Words } from '@carillon/core/notification/wording';
import { Anchor, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { fetchCsv } from '../api/csv.ts';
import { useHere } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { DownloadButton, saveFile } from '../elements/download.tsx';
import { Empty } from '../elements/empty.tsx';
import { FilterBar } from '../elements/filter-fields.tsx';
import { useFilters } from '../elements/filters.ts';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { WordsMark } from '../elements/words.tsx';
import { CHANNEL_NAMES } from '../templates/texts.ts';
import { campaignKey, readCampaign } from './read.ts';

const FILTERS = ['state', 'reason', 'variant'] as const;

const REMAINING: Words = {
  title: 'Not looked at yet',
  means: 'Their message is made as soon as it can be sent.',
  next: 'Nothing to do.',
  tone: 'waiting',
};
const LEFT_OUT: Words = {
  title: 'Left out',
  means: 'There is no message for them; the reason says why.',
  next: 'Nothing to do.',
  tone: 'neutral',
};

/** The figures of a campaign that this list can be of, in the order of its page. */
const FIGURES: readonly (readonly [figure: string, title: string])[] = [
  ['remaining', REMAINING.title],
  ['in_progress', 'Being sent'],
  ...(['scheduled', 'retrying', 'in_doubt', ...FINAL_STATES] as const).map(
    (state) => [state, STATE_WORDS[state].title] as const,
  ),
  ['open', 'On their way, all'],
  ['made', 'With a message, all'],
  ['not_made', LEFT_OUT.title],
];

/** Exactly the people that a figure of a campaign counts. */
export default function CampaignRecipients() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { tenant } = useHere();
  const [filters, change] = useFilters(FILTERS);
  const campaign = useQuery({
    queryKey: campaignKey(tenant, id),
    queryFn: ({ signal }) => readCampaign(id, signal),
  });
  const query = usePages(
    ['campaign-recipients', id, filters],
    (cursor, signal) =>
      call(
        'listCampaignRecipients',
        { path: { id }, query: { ...(filters as object), cursor, limit: 100 } },
        { signal },
      ),
    { refetchMs: 15_000 },
  );
  const variants = campaign.data?.campaign.variants ?? [];
  const set = Object.keys(filters).length;
  return (
    <PageFrame
      title={`Recipients of ${campaign.data?.campaign.name ?? 'a campaign'}`}
      description={<Link to={`/campaigns/${id}`}>To the campaign and its figures</Link>}
      actions={
        <DownloadButton
          label="Download CSV"
          load={async () =>
            saveFile(
              'campaign-recipients.csv',
              await fetchCsv(`/v1/campaigns/${id}/recipients`, filters),
              'text/csv',
            )
          }
        />
      }
    >
      <FilterBar
        label="Filters of the recipients"
        set={set}
        clear={() => change({ state: undefined, reason: undefined, variant: undefined })}
      >
        <Select
          label="State"
          placeholder="any"
          clearable
          w={200}
          data={FIGURES.map(([value, label]) => ({ value, label }))}
          value={filters.state ?? (filters.reason === undefined ? null : 'not_made')}
          onChange={(state) => change({ state: state ?? undefined, reason: undefined })}
        />
        {(filters.state === 'not_made' || filters.reason !== undefined) && (
          <Select
            label="Reason"
            placeholder="any"
            clearable
            w={220}
            data={NOT_MADE_REASONS.map((value) => ({ value, label: NOT_MADE_WORDS[value].title }))}
            value={filters.reason ?? null}
            onChange={(reason) => change({ reason: reason ?? undefined })}
          />
        )}
        {variants.length > 0 && (
          <Select
            label="Text"
            placeholder="any"
            clearable
            w={160}
            data={variants.map(({ key }) => key)}
            value={filters.variant ?? null}
            onChange={(variant) => change({ variant: variant ?? undefined })}
          />
        )}
      </FilterBar>
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={keyOf}
        label="Recipients of the campaign"
        empty={
          <Empty title={set === 0 ? 'There is nobody yet' : 'There is nobody here'}>
            {set === 0
              ? 'The audience is listed once the campaign has started.'
              : 'People move from figure to figure while it runs. Take a filter away to see where they are.'}
          </Empty>
        }
      />
    </PageFrame>
  );
}

const keyOf = ({ notification_id, recipient_id, state }: CampaignRecipient): string =>
  notification_id ?? `${state} ${recipient_id}`;

const COLUMNS: readonly Column<CampaignRecipient>[] = [
  {
    title: 'Recipient',
    cell: ({ recipient_id: id }) =>
      id === null ? (
        <span className="dim">erased</span>
      ) : (
        <Anchor
          component={Link}
          to={`/recipients/${encodeURIComponent(id)}`}
          size="sm"
          style={{ overflowWrap: 'anywhere' }}
        >
          {id}
        </Anchor>
      ),
  },
  { title: 'State', cell: ({ state }) => <WordsMark words={wordsOf(state)} /> },
  { title: 'Why', cell: (row) => <Why row={row} /> },
  {
    title: 'Channel',
    cell: ({ channel, variant }) =>
      channel === null ? null : (
        <Text size="sm" component="span">
          {CHANNEL_NAMES[channel]}
          {variant !== null && <span className="dim"> · {variant}</span>}
        </Text>
      ),
  },
  {
    title: 'Message',
    cell: ({ notification_id: id, recipient_id }) =>
      id === null ? null : (
        <Anchor
          component={Link}
          to={`/notifications/${id}`}
          size="sm"
          aria-label={`see it: the message to ${recipient_id ?? 'an erased recipient'}`}
        >
          see it
        </Anchor>
      ),
  },
  {
    title: 'Since',
    wideOnly: true,
    cell: ({ updated_at }) => (updated_at === null ? null : <Time at={updated_at} />),
  },
];

function wordsOf(state: CampaignRecipient['state']): Words {
  if (state === 'remaining') return REMAINING;
  return state === 'not_made' ? LEFT_OUT : STATE_WORDS[state];
}

function Why({ row: { reason, detail, error_code } }: { row: CampaignRecipient }) {
  if (reason !== null) {
    const { title, means } = NOT_MADE_WORDS[reason];
    return (
      <Text size="sm" title={means}>
        {title}
        {detail !== null && (
          <>
            : <span className="mono">{detail}</span>
          </>
        )}
      </Text>
    );
  }
  if (error_code === null) return null;
  const { title, means } = errorWords({ code: error_code });
  return (
    <Text size="sm" title={means}>
      {title}
    </Text>
  );
}
