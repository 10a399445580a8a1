import type { AudienceCount, Campaign, PatchCampaignRequest } from '@carillon/client/api-types';
import { Alert, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { CarillonError, call } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { linesOf } from '../../elements/lines.ts';
import { ProblemAlert } from '../../elements/problem.tsx';
import { count } from '../../elements/quantities.ts';
import { CHANNEL_NAMES } from '../../templates/texts.ts';
import { filterWords } from '../words.tsx';
import { type ConditionList, Conditions, filterOf, listOf } from './conditions.tsx';
import { type StepProps, useUnsaved } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';

type Audience = NonNullable<PatchCampaignRequest['audience']>;
type Kind = 'saved' | 'conditions' | 'ids' | 'as_it_is';

const EVERYBODY: ConditionList = { group: 'all', conditions: [] };

/** Whom the campaign is for: a saved audience, conditions of its own, or ids. */
export default function AudienceStep({ campaign, readOnly, save, next }: StepProps) {
  const { audience } = campaign;
  const list = audience?.filter === undefined ? EVERYBODY : listOf(audience.filter);
  const [kind, setKind] = useState<Kind>(kindOf(audience, list));
  const [saved, setSaved] = useState(audience?.audience ?? null);
  const [conditions, setConditions] = useState(list ?? EVERYBODY);
  const [ids, setIds] = useState(audience?.recipient_ids?.join('\n') ?? '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const goesOn = useRef(true);
  const wanted: Audience | null =
    kind === 'as_it_is'
      ? ({ filter: audience?.filter } as Audience)
      : kind === 'saved'
        ? saved === null
          ? null
          : { audience: saved }
        : kind === 'ids'
          ? linesOf(ids).length === 0
            ? null
            : { recipient_ids: linesOf(ids) }
          : ({ filter: filterOf(conditions) } as Audience);
  const leave = useUnsaved(JSON.stringify(wanted) !== JSON.stringify(normal(audience, list)));
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      if (wanted === null) throw new Error('Choose whom it is for first.');
      leave();
      if ((await save({ audience: wanted })) && goesOn.current) next();
    } catch (failure) {
      leave(false);
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack maw="46rem">
        <fieldset disabled={readOnly} style={{ border: 'none', margin: 0, padding: 0 }}>
          <Stack>
            <SegmentedControl
              aria-label="Whom it is for"
              data={[
                ...(audience?.filter !== undefined && list === null
                  ? [{ value: 'as_it_is', label: 'As it is' }]
                  : []),
                { value: 'saved', label: 'A saved audience' },
                { value: 'conditions', label: 'Conditions' },
                { value: 'ids', label: 'Ids' },
              ]}
              value={kind}
              onChange={(next) => setKind(next as Kind)}
              disabled={readOnly}
              style={{ alignSelf: 'start' }}
            />
            {kind === 'as_it_is' && (
              <Alert variant="outline" color="gray" title="Its filter">
                <Text size="sm">{filterWords(audience?.filter ?? {})}</Text>
              </Alert>
            )}
            {kind === 'saved' && <SavedAudience value={saved} onChange={setSaved} />}
            {kind === 'conditions' && <Conditions value={conditions} onChange={setConditions} />}
            {kind === 'ids' && (
              <Textarea
                label="Recipients"
                description="Your ids of people, one a line; 10,000 at most. Longer lists are saved audiences."
                autosize
                minRows={4}
                maxRows={16}
                value={ids}
                onChange={(event) => setIds(event.currentTarget.value)}
              />
            )}
          </Stack>
        </fieldset>
        {wanted !== null && <Counted audience={wanted} route={campaign.route} />}
        <Text size="sm" className="dim">
          Who belongs to it is fixed when the campaign starts: who joins later gets nothing, and nobody gets
          it twice.
        </Text>
        {error !== null && <ProblemAlert error={error} />}
        <StepButtons
          busy={busy}
          readOnly={readOnly}
          next={next}
          onSave={(on) => {
            goesOn.current = on;
          }}
        />
      </Stack>
    </form>
  );
}

function kindOf(audience: Campaign['audience'], list: ConditionList | null): Kind {
  if (audience === null || audience.audience !== undefined) return 'saved';
  if (audience.recipient_ids !== undefined) return 'ids';
  return list === null ? 'as_it_is' : 'conditions';
}

/** What is stored, as this form would write it. */
function normal(audience: Campaign['audience'], list: ConditionList | null): unknown {
  if (audience?.filter === undefined) return audience;
  return { filter: list === null ? audience.filter : filterOf(list) };
}

function SavedAudience({ value, onChange }: { value: string | null; onChange(key: string | null): void }) {
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'audiences', 'all'],
    queryFn: ({ signal }) => call('listAudiences', { query: { limit: 200 } }, { signal }),
  });
  if (query.isError) return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  const data = (query.data?.data ?? []).map(({ key, name }) => ({
    value: key,
    label: name === key ? key : `${name} (${key})`,
  }));
  return (
    <Select
      label="Audience"
      placeholder={query.isSuccess && data.length === 0 ? 'There is none yet' : 'Choose one'}
      data={data}
      searchable
      value={value}
      onChange={onChange}
    />
  );
}

/** How many an audience has at this moment, and how many of them each channel would reach. */
function Counted({ audience, route }: { audience: Audience; route: Campaign['route'] }) {
  const { tenant } = useHere();
  const [asked] = useDebouncedValue(JSON.stringify(audience), 400);
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'audience-count', asked],
    queryFn: async ({ signal }): Promise<AudienceCount | null> => {
      const { filter, audience: key } = JSON.parse(asked) as Audience;
      if (key !== undefined) return await call('countAudience', { path: { key } }, { signal });
      if (filter !== undefined) return await call('countFilter', { body: { filter } }, { signal });
      return null;
    },
    retry: false,
  });
  if (audience.recipient_ids !== undefined)
    return (
      <Text size="sm" role="status">
        {count(audience.recipient_ids.length)} ids
      </Text>
    );
  if (query.isError) {
    const isUnfinished = query.error instanceof CarillonError && query.error.code === 'invalid_request';
    return isUnfinished ? (
      <Text size="sm" role="status">
        Not counted: {query.error.message}
      </Text>
    ) : (
      <ProblemAlert error={query.error} retry={() => void query.refetch()} />
    );
  }
  const { data } = query;
  return (
    <Text size="sm" role="status">
      {data === undefined || data === null ? (
        'Counting'
      ) : (
        <>
          <strong>
            {data.count === null ? `about ${count(data.about)}` : count(data.count)}{' '}
            {data.count === 1 ? 'recipient' : 'recipients'}
          </strong>
          {data.reachable !== null &&
            route.map(
              (channel) => ` · ${count(data.reachable![channel])} reachable by ${CHANNEL_NAMES[channel]}`,
            )}
        </>
      )}
    </Text>
  );
}
