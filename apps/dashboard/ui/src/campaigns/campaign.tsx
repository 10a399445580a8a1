import type { Campaign } from '@carillon/client/api-types';
import type { ArmResult } from '@carillon/core/campaign/verdict';
import { CAMPAIGN_STATE_WORDS } from '@carillon/core/campaign/wording';
import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link, Navigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMay } from '../api/session.tsx';
import { Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { CHANNEL_NAMES } from '../templates/texts.ts';
import { Figures } from './figures.tsx';
import { useLiveCampaign } from './live.ts';
import { Moves } from './moves.tsx';
import { audienceWords, CampaignMark, scheduleWords } from './words.tsx';

const Throttle = lazy(() => import('./throttle.tsx'));
const FollowUp = lazy(() => import('./follow-up.tsx'));
const VariantTable = lazy(() => import('./variants.tsx'));

/** One campaign that was scheduled: live figures, its moves, its variants. A draft is on the page where it is written. */
export default function CampaignPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const may = useMay();
  const query = useLiveCampaign(id);
  if (query.data === undefined)
    return (
      <PageFrame title="Campaign">
        {query.isError ? (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )}
      </PageFrame>
    );
  const { campaign, etag } = query.data;
  if (campaign.state === 'draft') return <Navigate to={`/campaigns/${id}/edit`} replace />;
  return (
    <PageFrame
      title={campaign.name}
      description={
        <Group gap="xs" mt={6}>
          <CampaignMark state={campaign.state} />
          <span>{CAMPAIGN_STATE_WORDS[campaign.state].means}</span>
        </Group>
      }
      actions={
        <Group gap="xs">
          {campaign.state === 'scheduled' && may('campaigns:*') && (
            <Button
              variant="default"
              renderRoot={(props) => <Link to={`/campaigns/${id}/edit`} {...props} />}
            >
              Change
            </Button>
          )}
          <Moves campaign={campaign} />
        </Group>
      }
    >
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {campaign.reason !== null && <Why campaign={campaign} />}
      {campaign.counts.planned > 0 ? (
        <Figures campaign={campaign} />
      ) : (
        <Text size="sm">{beforeFigures(campaign)}</Text>
      )}
      <Plan campaign={campaign} etag={etag} />
      {campaign.variants.length > 1 && campaign.counts.planned > 0 && (
        <Stack gap="sm">
          <Title order={2}>Texts that are compared</Title>
          <Suspense fallback={<Loading />}>
            <VariantTable
              arms={campaign.variants.map(armOf)}
              holdout={campaign.counts.not_made.holdout ?? 0}
              metrics={['delivered', 'failed']}
            />
          </Suspense>
        </Stack>
      )}
      <Suspense>
        <FollowUp campaign={campaign} />
      </Suspense>
    </PageFrame>
  );
}

/** What is said while there are no figures. */
function beforeFigures({ state, started_at }: Campaign): string {
  if (state === 'failed' || state === 'cancelled') return 'Nothing of it was sent.';
  return started_at === null ? 'It has not started yet.' : 'Its audience is being looked up.';
}

/** Why it stands still, or could not start. */
function Why({ campaign: { state, reason } }: { campaign: Campaign }) {
  const { title, next, tone } = CAMPAIGN_STATE_WORDS[state];
  return (
    <Alert
      color={tone === 'bad' ? 'red' : tone === 'attention' ? 'yellow' : 'gray'}
      variant="outline"
      role="status"
      title={`${title}: ${reason}`}
    >
      <Text size="sm">{next}</Text>
    </Alert>
  );
}

function Plan({ campaign, etag }: { campaign: Campaign; etag: string }) {
  const { schedule, content, variants } = campaign;
  return (
    <Facts
      facts={[
        ['Audience', audienceWords(campaign.audience)],
        [
          variants.length > 0 ? 'Texts' : 'Template',
          <Texts key="texts" campaign={campaign} content={content} />,
        ],
        ['Channels', campaign.route.map((channel) => CHANNEL_NAMES[channel]).join(', then ')],
        campaign.category === null ? null : ['Category', campaign.category],
        schedule === null ? null : ['Planned for', scheduleWords(schedule)],
        [
          'Rate',
          <Suspense key="throttle">
            <Throttle campaign={campaign} etag={etag} />
          </Suspense>,
        ],
        campaign.rate_per_minute === null
          ? null
          : ['Now', `${campaign.rate_per_minute.toLocaleString()} a minute`],
        campaign.ends_at === null || campaign.ended_at !== null
          ? null
          : ['Will be done', <Time key="ends" at={campaign.ends_at} />],
        campaign.expires_at === null
          ? null
          : ['Nothing after', <Time key="expires" at={campaign.expires_at} />],
        campaign.holdout_percent === 0 ? null : ['Held out', `${campaign.holdout_percent} %`],
        campaign.started_at === null ? null : ['Started', <Time key="started" at={campaign.started_at} />],
        campaign.ended_at === null ? null : ['Ended', <Time key="ended" at={campaign.ended_at} />],
        ['Made by', campaign.created_by.replace(/^staff:/, '')],
        campaign.updated_by === null || campaign.updated_by === campaign.created_by
          ? null
          : ['Changed last by', campaign.updated_by.replace(/^staff:/, '')],
        approvalOf(campaign),
        ['Id', <Copyable key="id" text={campaign.id} label="the id" />],
      ]}
    />
  );
}

/** Who approved it, or that somebody still has to. */
function approvalOf({ approved_by, needs_approval, state }: Campaign): [string, string] | null {
  if (approved_by !== null) return ['Approved by', approved_by.replace(/^staff:/, '')];
  return needs_approval && state === 'draft'
    ? ['Approval', 'needed, by another person than its authors']
    : null;
}

/** Links to what is sent, with the version that was pinned. */
function Texts({ campaign, content }: { campaign: Campaign; content: Campaign['content'] }) {
  const { template, variants } = campaign;
  const keys = variants.length > 0 ? variants.map((each) => each.template) : [template ?? ''];
  return keys.map((key, n) => (
    <span key={`${key} ${variants[n]?.key ?? ''}`}>
      {n > 0 && ', '}
      {variants.length > 0 && `${variants[n]!.key}: `}
      <Link to={`/templates/${encodeURIComponent(key)}`}>{key}</Link>
      {content?.[n] !== undefined && ` version ${content[n].version}`}
    </span>
  ));
}

/** What became of the messages of a variant. Opens and clicks are not counted by variant. */
function armOf({ key, counts }: Campaign['variants'][number]): ArmResult {
  const failed = counts.failed + counts.dead;
  return {
    key,
    tried: counts.sent + counts.delivered + failed,
    delivered: counts.delivered,
    opened: 0,
    clicked: 0,
    failed,
  };
}
