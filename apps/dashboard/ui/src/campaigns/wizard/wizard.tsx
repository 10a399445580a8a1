import type { Campaign } from '@carillon/client/api-types';
import { Alert, Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { call } from '../../api/call.ts';
import { useMay } from '../../api/session.tsx';
import { ConfirmButton } from '../../elements/confirm.tsx';
import { Loading } from '../../elements/data-table.tsx';
import { useFilters } from '../../elements/filters.ts';
import { PageFrame } from '../../elements/page.tsx';
import { ProblemAlert } from '../../elements/problem.tsx';
import { Time } from '../../elements/time.tsx';
import { CampaignMark } from '../words.tsx';
import { type Clash, useDraft } from './draft.ts';
import { STEPS, type Step } from './steps.ts';
import './steps.css';

// Each step has fields of its own: what one opens first stays small.
const ContentStep = lazy(() => import('./content-step.tsx'));
const AudienceStep = lazy(() => import('./audience-step.tsx'));
const ScheduleStep = lazy(() => import('./schedule-step.tsx'));
const ReviewStep = lazy(() => import('./review-step.tsx'));

/** A campaign before it starts, in four steps that are links. */
export default function Wizard() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const may = useMay();
  const navigate = useNavigate();
  const [filters, change] = useFilters(['step']);
  const draft = useDraft(id);
  const step: Step = STEPS.find((each) => each.step === filters.step)?.step ?? 'content';
  const { data } = draft.query;
  if (data === undefined)
    return (
      <PageFrame title="Campaign">
        {draft.query.isError ? (
          <ProblemAlert error={draft.query.error} retry={() => void draft.query.refetch()} />
        ) : (
          <Loading />
        )}
      </PageFrame>
    );
  const { campaign, etag } = data;
  const hasStarted = campaign.state !== 'draft' && campaign.state !== 'scheduled';
  const readOnly = hasStarted || !may('campaigns:*');
  const props = {
    campaign,
    readOnly,
    save: draft.save,
    next: () => change({ step: STEPS[STEPS.findIndex((each) => each.step === step) + 1]?.step }),
  };
  return (
    <PageFrame
      title={campaign.name}
      description={
        <Group gap="xs" mt={6}>
          <CampaignMark state={campaign.state} />
          {campaign.state === 'scheduled' && 'What you save here makes it a draft again.'}
          {hasStarted && (
            <Anchor component={Link} to={`/campaigns/${id}`} size="sm">
              It has started: see how far it is
            </Anchor>
          )}
        </Group>
      }
      actions={
        campaign.state === 'draft' &&
        may('campaigns:*') && (
          <ConfirmButton
            label="Delete"
            title={`Delete the draft ${campaign.name}?`}
            confirm="Delete it"
            done="The draft is deleted."
            danger
            action={async () => {
              await call('deleteCampaign', { path: { id } });
              void navigate({ to: '/campaigns' });
            }}
          >
            Nothing of it was sent. This cannot be undone.
          </ConfirmButton>
        )
      }
    >
      <Steps campaign={campaign} current={step} />
      {draft.clash !== null && (
        <Theirs
          was={campaign}
          clash={draft.clash}
          keepMine={draft.keepMine}
          takeTheirs={() => draft.takeTheirs()}
        />
      )}
      <Suspense fallback={<Loading />}>
        {/* Stored or loaded again: the form begins with what is there now. */}
        {step === 'content' && <ContentStep key={etag} {...props} />}
        {step === 'audience' && <AudienceStep key={etag} {...props} />}
        {step === 'schedule' && <ScheduleStep key={etag} {...props} />}
        {step === 'review' && <ReviewStep key={etag} {...props} etag={etag} accept={draft.accept} />}
      </Suspense>
    </PageFrame>
  );
}

function Steps({ campaign, current }: { campaign: Campaign; current: Step }) {
  return (
    <nav aria-label="Steps of the campaign">
      <ol className="steps">
        {STEPS.map(({ step, title, isDone }, n) => (
          <li key={step}>
            <Link
              to="."
              search={((before: Record<string, string>) => ({ ...before, step })) as never}
              aria-current={step === current ? 'page' : undefined}
            >
              <span className="dim">{n + 1}</span> {title}
              {isDone(campaign) && <span aria-hidden> ✓</span>}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

const NAMES: Readonly<Partial<Record<keyof Campaign, string>>> = {
  name: 'name',
  template: 'template',
  route: 'channels',
  category: 'category',
  priority: 'priority',
  audience: 'audience',
  data: 'shared data',
  variables: 'variables',
  events: 'events',
  throttle_per_minute: 'messages a minute',
  expires_at: 'time limit',
  variants: 'texts to compare',
  holdout_percent: 'held-out share',
  schedule: 'schedule',
  state: 'state',
};

/** Somebody else stored the campaign meanwhile. */
function Theirs({
  was,
  clash: { now },
  keepMine,
  takeTheirs,
}: {
  was: Campaign;
  clash: Clash;
  keepMine(): Promise<boolean>;
  takeTheirs(): void;
}) {
  const [error, setError] = useState<unknown>(null);
  const changed = (Object.keys(NAMES) as (keyof Campaign)[]).filter(
    (name) => JSON.stringify(was[name]) !== JSON.stringify(now.campaign[name]),
  );
  const who = now.campaign.updated_by?.replace(/^staff:/, '') ?? 'Somebody';
  return (
    <Alert color="red" variant="outline" role="alert" title={`${who} changed this campaign meanwhile`}>
      <Stack gap="sm">
        <Text size="sm" component="div">
          Nothing was overwritten. Changed at <Time at={now.campaign.updated_at} />:
        </Text>
        <List size="sm" aria-label="What changed">
          {changed.map((name) => (
            <List.Item key={name}>
              {NAMES[name]}: <span className="mono">{shown(now.campaign[name])}</span>
            </List.Item>
          ))}
          {changed.length === 0 && <List.Item>nothing that this page shows</List.Item>}
        </List>
        {error !== null && <ProblemAlert error={error} />}
        <Group>
          <Button variant="default" onClick={takeTheirs}>
            Drop mine, load theirs
          </Button>
          <Button variant="default" onClick={() => void keepMine().catch(setError)}>
            Save what I wrote on this step
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const shown = (value: unknown): string =>
  value === null || value === '' ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
