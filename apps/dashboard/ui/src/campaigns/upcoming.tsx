import type { Campaign } from '@carillon/client/api-types';
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CarillonError, call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { count } from '../elements/quantities.ts';
import { Stale } from '../elements/stale.tsx';
import { ZONE } from '../elements/time.tsx';
import { audienceWords, CampaignMark, localWords } from './words.tsx';

const MOST = 200;
const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** Campaigns that have not ended, by the day on which they start, soonest first. */
export function Upcoming() {
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'campaigns', 'upcoming'],
    queryFn: ({ signal }) =>
      call('listCampaigns', { query: { state: 'scheduled,running,paused', limit: MOST } }, { signal }),
    refetchInterval: 15_000,
  });
  if (query.data === undefined)
    return query.isError ? (
      <ProblemAlert error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Loading />
    );
  const rows = query.data.data.filter(({ starts_at }) => starts_at !== null);
  const months = grouped(rows);
  return (
    <Stack>
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {rows.length === 0 && (
        <Empty title="Nothing is to come">Campaigns are listed here once they are scheduled.</Empty>
      )}
      {months.map(([month, days]) => (
        <Stack key={month} component="section" aria-label={month} gap="sm">
          <Title order={2}>{month}</Title>
          {days.map(([day, campaigns]) => (
            <div key={day}>
              <Text fw={600} size="sm">
                {day}
              </Text>
              <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label={day}>
                {campaigns.map((campaign) => (
                  <Line key={campaign.id} campaign={campaign} />
                ))}
              </ul>
            </div>
          ))}
        </Stack>
      ))}
      {query.data.next_cursor !== null && (
        <Text size="sm" className="dim">
          These are the {MOST} that were written last.
        </Text>
      )}
      {rows.length > 0 && (
        <Text size="xs" className="dim">
          Times in {ZONE}; those on the clock of each recipient say so.
        </Text>
      )}
    </Stack>
  );
}

function Line({ campaign }: { campaign: Campaign }) {
  const { id, name, state, audience, schedule, starts_at: at } = campaign;
  const isLocal = schedule?.in_recipient_time_zone === true && schedule.send_at !== null;
  return (
    <li className="card-row">
      <Group gap="md" align="baseline">
        <Text size="sm" w="4rem" style={{ flex: 'none' }}>
          {time.format(new Date(at!))}
        </Text>
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Anchor component={Link} to={`/campaigns/${id}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Anchor>
            <CampaignMark state={state} />
          </Group>
          <Text size="sm" className="dim" style={{ overflowWrap: 'anywhere' }}>
            <People campaign={campaign} /> · {audienceWords(audience)}
            {isLocal && ` · ${localWords(schedule.send_at!)} on the clock of each`}
          </Text>
        </Stack>
      </Group>
    </li>
  );
}

/** How many a campaign is for: its frozen audience, before that what its review counted. */
function People({ campaign: { id, counts } }: { campaign: Campaign }) {
  const { tenant } = useHere();
  const review = useQuery({
    queryKey: [tenant.app, tenant.environment, 'campaign-review', id],
    queryFn: async ({ signal }) => {
      try {
        return await call('getCampaignReview', { path: { id } }, { signal });
      } catch (error) {
        if (error instanceof CarillonError && error.status === 404) return null;
        throw error;
      }
    },
    enabled: counts.planned === 0,
    staleTime: 60_000,
  });
  const people = counts.planned > 0 ? counts.planned : review.data?.of?.matched;
  if (people === undefined) return 'not counted';
  return `${count(people)} ${people === 1 ? 'recipient' : 'recipients'}`;
}

type Grouped = [month: string, days: [day: string, campaigns: Campaign[]][]][];

function grouped(rows: readonly Campaign[]): Grouped {
  const months = new Map<string, Map<string, Campaign[]>>();
  for (const row of rows.toSorted((a, b) => Date.parse(a.starts_at!) - Date.parse(b.starts_at!))) {
    const at = new Date(row.starts_at!);
    const month = months.get(monthName.format(at)) ?? new Map<string, Campaign[]>();
    months.set(monthName.format(at), month);
    const day = month.get(dayName.format(at)) ?? [];
    month.set(dayName.format(at), [...day, row]);
  }
  return [...months].map(([month, days]) => [month, [...days]]);
}
