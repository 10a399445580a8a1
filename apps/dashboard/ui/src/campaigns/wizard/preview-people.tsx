import type { Campaign, PreviewRequest, Recipient } from '@carillon/client/api-types';
import { dataOfRecipient, withOwnData } from '@carillon/core/campaign/variables';
import type { Channel } from '@carillon/core/notification/channel';
import { Anchor, Button, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { CarillonError, call, type Tenant } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { Loading } from '../../elements/data-table.tsx';
import { usePages } from '../../elements/pages-query.ts';
import { ProblemAlert } from '../../elements/problem.tsx';
import { Rendered } from '../../templates/preview-panel.tsx';
import { CHANNEL_NAMES } from '../../templates/texts.ts';
import '../../templates/preview.css';

const PAGE = 25;

/** The campaign as each recipient of its audience would get it, one after the other. */
export function PreviewPeople({ campaign }: { campaign: Campaign }) {
  const [place, setPlace] = useState(0);
  const [channel, setChannel] = useState<Channel>(campaign.route[0]!);
  const templates =
    campaign.variants.length > 0 ? campaign.variants.map(({ template }) => template) : [campaign.template!];
  const [template, setTemplate] = useState(templates[0]!);
  const people = usePeople(campaign);
  const rows = people.data?.pages.flatMap(({ data }) => data) ?? [];
  const person = rows[place];
  const { hasNextPage, isFetching, fetchNextPage } = people;
  useEffect(() => {
    if (hasNextPage && !isFetching && place >= rows.length - 3) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage, place, rows.length]);
  const go = (by: number) => setPlace((now) => Math.min(Math.max(0, now + by), Math.max(0, rows.length - 1)));
  const onKeyDown = (event: KeyboardEvent) => {
    const isField = event.target instanceof HTMLElement && event.target.closest('input, [role=tab]') !== null;
    if (isField || (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft')) return;
    event.preventDefault();
    go(event.key === 'ArrowRight' ? 1 : -1);
  };
  const next = rows[place + 1];
  return (
    <section aria-label="Preview as each person" onKeyDown={onKeyDown}>
      <Stack gap="sm">
        <Title order={2}>As each person gets it</Title>
        {people.isError && <ProblemAlert error={people.error} retry={() => void people.refetch()} />}
        {people.isPending && <Loading />}
        {people.isSuccess && rows.length === 0 && !hasNextPage && (
          <Text size="sm">The audience has nobody to show it for.</Text>
        )}
        {person !== undefined && (
          <>
            <Group gap="xs">
              <Button variant="default" size="xs" onClick={() => go(-1)} disabled={place === 0}>
                ← Person before
              </Button>
              <Button variant="default" size="xs" onClick={() => go(1)} disabled={place >= rows.length - 1}>
                Next person →
              </Button>
              <Text size="sm" role="status" style={{ overflowWrap: 'anywhere' }}>
                <Anchor
                  component={Link}
                  to={`/recipients/${encodeURIComponent(person.recipient_id)}`}
                  size="sm"
                >
                  {person.recipient_id}
                </Anchor>{' '}
                <span className="dim">
                  {place + 1} of {hasNextPage ? `${rows.length} or more` : rows.length}
                  {person.locale !== null && `, ${person.locale}`}
                  {person.time_zone !== null && `, ${person.time_zone}`}
                </span>
              </Text>
            </Group>
            <Group gap="sm">
              {campaign.route.length > 1 && (
                <SegmentedControl
                  aria-label="Channel"
                  size="xs"
                  data={campaign.route.map((each) => ({ value: each, label: CHANNEL_NAMES[each] }))}
                  value={channel}
                  onChange={(each) => setChannel(each as Channel)}
                />
              )}
              {templates.length > 1 && (
                <Select
                  aria-label="Text"
                  size="xs"
                  data={[...new Set(templates)]}
                  value={template}
                  allowDeselect={false}
                  onChange={(key) => setTemplate(key ?? template)}
                />
              )}
              <Text size="xs" className="dim">
                The arrow keys ← → step through the people.
              </Text>
            </Group>
            <OnePerson
              campaign={campaign}
              person={person}
              ahead={next}
              template={template}
              channel={channel}
            />
          </>
        )}
      </Stack>
    </section>
  );
}

/** The people of an audience, a page after the other. */
function usePeople({ audience }: Campaign) {
  return usePages<Recipient>(
    ['audience-people', JSON.stringify(audience)],
    async (cursor, signal) => {
      if (audience?.recipient_ids !== undefined) {
        const from = Number(cursor ?? 0);
        const ids = audience.recipient_ids.slice(from, from + PAGE);
        const found = await Promise.all(ids.map((id) => recipientOrNull(id, signal)));
        const end = from + PAGE;
        return {
          data: found.filter((each) => each !== null),
          next_cursor: end < audience.recipient_ids.length ? String(end) : null,
        };
      }
      const which =
        audience?.audience === undefined
          ? { filter: JSON.stringify(audience?.filter) }
          : { audience: audience.audience };
      return call('listRecipients', { query: { ...which, cursor, limit: PAGE } }, { signal });
    },
    { enabled: audience !== null },
  );
}

async function recipientOrNull(id: string, signal: AbortSignal): Promise<Recipient | null> {
  try {
    return await call('getRecipient', { path: { recipient_id: id } }, { signal });
  } catch (error) {
    if (error instanceof CarillonError && error.status === 404) return null;
    throw error;
  }
}

function OnePerson({
  campaign,
  person,
  ahead,
  template,
  channel,
}: {
  campaign: Campaign;
  person: Recipient;
  ahead: Recipient | undefined;
  template: string;
  channel: Channel;
}) {
  const { tenant } = useHere();
  const queries = useQueryClient();
  const query = useQuery({
    ...previewOf(tenant, campaign, person, template, channel),
    placeholderData: keepPreviousData,
  });
  // The next one is there before it is asked for.
  useEffect(() => {
    if (ahead !== undefined)
      void queries.prefetchQuery(previewOf(tenant, campaign, ahead, template, channel));
  }, [queries, tenant, campaign, ahead, template, channel]);
  if (query.isError) return <ProblemAlert error={query.error} />;
  return query.data === undefined ? <Loading /> : <Rendered preview={query.data} />;
}

function previewOf(
  tenant: Tenant,
  campaign: Campaign,
  person: Recipient,
  template: string,
  channel: Channel,
) {
  const body: PreviewRequest = {
    channel,
    recipient_id: person.recipient_id,
    data: withOwnData(campaign.data, dataOfRecipient(valuesOf(campaign.variables, person))),
    ...(campaign.category !== null && { category: campaign.category }),
  };
  return {
    queryKey: [tenant.app, tenant.environment, 'preview', template, JSON.stringify(body)],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      call('previewTemplate', { path: { key: template }, body }, { signal }),
    staleTime: 60_000,
    retry: false,
  };
}

/** The variables of a campaign from one recipient, by name. */
const valuesOf = (variables: Readonly<Record<string, string>>, person: Recipient): Record<string, unknown> =>
  Object.fromEntries(Object.entries(variables).map(([name, path]) => [name, valueAt(person, path)]));

function valueAt(person: Recipient, path: string): unknown {
  const [first, ...rest] = path.split('.');
  if (first === 'id') return person.recipient_id;
  if (first === 'locale') return person.locale;
  if (first === 'time_zone') return person.time_zone;
  return rest.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as never)[part] : undefined),
    person.attributes,
  );
}
