import type { Campaign, PatchCampaignRequest } from '@carillon/client/api-types';
import { SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { call } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { AudienceBuilder, problemsOf } from '../../audiences/builder/builder.tsx';
import { everybody, type Form } from '../../audiences/builder/form.ts';
import { readForm } from '../../audiences/builder/read-form.ts';
import { writeForm } from '../../audiences/builder/write-form.ts';
import { useCount } from '../../audiences/count.ts';
import { CountedPeople } from '../../audiences/counted.tsx';
import { isSameFilter } from '../../audiences/same-filter.ts';
import { SamplePeople } from '../../audiences/sample.tsx';
import { linesOf } from '../../elements/lines.ts';
import { ProblemAlert } from '../../elements/problem.tsx';
import { count } from '../../elements/quantities.ts';
import { type StepProps, useUnsaved } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';

type Audience = NonNullable<PatchCampaignRequest['audience']>;
type Kind = 'saved' | 'conditions' | 'ids';

/** Whom the campaign is for: a saved audience, conditions of its own, or ids. */
export default function AudienceStep({ campaign, readOnly, save, next }: StepProps) {
  const { audience } = campaign;
  const [kind, setKind] = useState<Kind>(kindOf(audience));
  const [saved, setSaved] = useState(audience?.audience ?? null);
  const [form, setForm] = useState<Form>(() =>
    audience?.filter === undefined ? everybody() : readForm(audience.filter),
  );
  const written = useMemo(() => writeForm(form, 'audience.filter'), [form]);
  const [ids, setIds] = useState(audience?.recipient_ids?.join('\n') ?? '');
  const [error, setError] = useState<unknown>(null);
  const [isSent, setIsSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const goesOn = useRef(true);
  const wanted: Audience | null =
    kind === 'saved'
      ? saved === null
        ? null
        : { audience: saved }
      : kind === 'ids'
        ? linesOf(ids).length === 0
          ? null
          : { recipient_ids: linesOf(ids) }
        : { filter: written.filter };
  const leave = useUnsaved(!isSameFilter(wanted, audience));
  const submit = async () => {
    setIsSent(true);
    if (kind === 'conditions' && written.problems.length > 0) return;
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
      <Stack maw="60rem">
        <fieldset disabled={readOnly} style={{ border: 'none', margin: 0, padding: 0 }}>
          <Stack>
            <SegmentedControl
              aria-label="Whom it is for"
              data={[
                { value: 'saved', label: 'A saved audience' },
                { value: 'conditions', label: 'Conditions' },
                { value: 'ids', label: 'Ids' },
              ]}
              value={kind}
              onChange={(next) => setKind(next as Kind)}
              disabled={readOnly}
              style={{ alignSelf: 'start' }}
            />
            {kind === 'saved' && <SavedAudience value={saved} onChange={setSaved} />}
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
        {kind === 'conditions' && (
          <AudienceBuilder
            form={form}
            written={written}
            onChange={(next) => {
              setForm(next);
              setError(null);
            }}
            readOnly={readOnly}
            isSent={isSent}
            failure={problemsOf(error)}
            channels={campaign.route}
          />
        )}
        {kind === 'saved' && saved !== null && <CountedAudience audience={saved} channels={campaign.route} />}
        {kind === 'ids' && wanted !== null && (
          <Text size="sm" role="status">
            {count(linesOf(ids).length)} ids
          </Text>
        )}
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

function kindOf(audience: Campaign['audience']): Kind {
  if (audience === null || audience.audience !== undefined) return 'saved';
  return audience.recipient_ids !== undefined ? 'ids' : 'conditions';
}

/** How many belong to a saved audience, and some of them. */
function CountedAudience({ audience, channels }: { audience: string; channels: Campaign['route'] }) {
  const counting = useCount({ audience });
  return (
    <>
      <CountedPeople of={counting} channels={channels} />
      <SamplePeople counted={{ audience }} />
    </>
  );
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
