import type { Campaign, CampaignReview } from '@carillon/client/api-types';
import { reachableOf, reviewProblems } from '@carillon/core/campaign/problems';
import type { ReviewResult } from '@carillon/core/campaign/review';
import { Alert, Anchor, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CarillonError, call, exchange } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { ConfirmButton } from '../../elements/confirm.tsx';
import { Loading } from '../../elements/data-table.tsx';
import { ProblemAlert } from '../../elements/problem.tsx';
import { Time, ZONE } from '../../elements/time.tsx';
import type { Read } from '../read.ts';
import { audienceWords, scheduleWords } from '../words.tsx';
import { Approval } from './approval.tsx';
import type { StepProps } from './draft.ts';
import { PreviewPeople } from './preview-people.tsx';
import { ReviewFigures } from './review-figures.tsx';
import { gapsOf, type Step } from './steps.ts';
import { TestSend } from './test-send.tsx';
import { scheduleOf, type Timing, timingProblem, useTiming } from './timing.ts';

/** How often a count that goes on is asked for. */
const EVERY_MS = 700;

/** Whom it would reach, why it may not be scheduled yet, how it looks for each person, and the button that schedules it. */
export default function ReviewStep({
  campaign,
  etag,
  readOnly,
  accept,
}: StepProps & { etag: string; accept(read: Read): void }) {
  const [timing] = useTiming(campaign);
  const gaps = gapsOf(campaign);
  const review = useReview(campaign, etag, gaps.length === 0, readOnly);
  const of = review.data?.of as ReviewResult | null | undefined;
  const late = timingProblem(timing, Date.now());
  const reasons: { step: Step; detail: string }[] = [
    ...gaps,
    ...(late === null ? [] : [{ step: 'schedule' as const, detail: late }]),
    ...(of ? reviewProblems(of) : []).map(({ path, detail }) => ({ step: STEP_OF[path], detail })),
  ];
  return (
    <Stack>
      {gaps.length === 0 && (
        <Stack gap="sm" component="section" aria-label="Whom it reaches">
          <Group justify="space-between" align="baseline">
            <Title order={2}>Whom it reaches</Title>
            {review.data?.state !== 'counting' && !readOnly && (
              <Button variant="subtle" size="compact-sm" onClick={() => void review.again()}>
                Count again
              </Button>
            )}
          </Group>
          {review.isError && <ProblemAlert error={review.error} retry={() => void review.again()} />}
          {review.data?.state === 'failed' && (
            <Alert color="red" variant="outline" role="alert" title="Counting failed">
              {review.data.error}
            </Alert>
          )}
          {!review.isError && (review.data === undefined || review.data?.state === 'counting') && (
            <>
              <Text size="sm" role="status">
                Counting everybody of the audience
              </Text>
              <Loading />
            </>
          )}
          {of && review.data && <ReviewFigures review={review.data} of={of} campaign={campaign} />}
        </Stack>
      )}
      {reasons.length > 0 && <Reasons reasons={reasons} />}
      <Plan campaign={campaign} timing={timing} />
      {gaps.length === 0 && <PreviewPeople campaign={campaign} />}
      {!readOnly && (
        <>
          <Approval campaign={campaign} etag={etag} accept={accept} />
          <Group>
            <Schedule
              campaign={campaign}
              etag={etag}
              timing={timing}
              review={review.data ?? null}
              isRefused={reasons.length > 0 || !of}
              accept={accept}
            />
            {gaps.length === 0 && <TestSend campaign={campaign} />}
          </Group>
        </>
      )}
    </Stack>
  );
}

const STEP_OF = { audience: 'audience', template: 'content', 'schedule.send_at': 'schedule' } as const;

/** Reads the review of the campaign as it is, and has it counted where there is none. */
function useReview(campaign: Campaign, etag: string, isComplete: boolean, readOnly: boolean) {
  const { tenant } = useHere();
  const queries = useQueryClient();
  const path = { id: campaign.id };
  const queryKey = [tenant.app, tenant.environment, 'campaign-review', campaign.id, etag];
  const query = useQuery({
    queryKey,
    // Asking for a review gives the one that is valid, or has it counted. A scheduled campaign has one and may start at any
    // moment, after which none can be asked for: there it is read first.
    queryFn: async ({ signal }) => {
      const read = () => call('getCampaignReview', { path }, { signal });
      const ask = () => call('reviewCampaign', { path }, { signal });
      if (readOnly || queries.getQueryData<CampaignReview>(queryKey)?.state === 'counting') return read();
      if (campaign.state === 'draft') return ask();
      return read().catch((error) => {
        if (error instanceof CarillonError && error.status === 404) return ask();
        throw error;
      });
    },
    enabled: isComplete,
    retry: false,
    // Each asks for a count, which people do by the button.
    refetchOnWindowFocus: false,
    refetchInterval: ({ state }) => (state.data?.state === 'counting' ? EVERY_MS : false),
  });
  const again = async () => {
    const asked = await call('reviewCampaign', { path }).catch(() => null);
    if (asked !== null) queries.setQueryData(queryKey, asked);
    await query.refetch();
  };
  return { ...query, again };
}

/** Each reason as it is, with the step that mends it. */
function Reasons({ reasons }: { reasons: readonly { step: Step; detail: string }[] }) {
  return (
    <Alert color="yellow" variant="outline" role="alert" title="It cannot be scheduled yet">
      <List size="sm" aria-label="Why it cannot be scheduled">
        {reasons.map(({ step, detail }) => (
          <List.Item key={detail}>
            {detail}{' '}
            <Link to="." search={((before: Record<string, string>) => ({ ...before, step })) as never}>
              Go to {step}
            </Link>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** What was chosen on the other steps. */
function Plan({ campaign, timing }: { campaign: Campaign; timing: Timing }) {
  return (
    <Text size="sm" component="p" m={0} style={{ overflowWrap: 'anywhere' }}>
      <strong>
        {campaign.variants.length > 0
          ? campaign.variants.map(({ template }) => template).join(', ')
          : (campaign.template ?? 'No template')}
      </strong>{' '}
      for {audienceWords(campaign.audience)}, {whenWords(timing)}
      {campaign.throttle_per_minute !== null &&
        `, at most ${campaign.throttle_per_minute.toLocaleString()} a minute`}
      {campaign.expires_at !== null && (
        <>
          , nothing after <Time at={campaign.expires_at} />
        </>
      )}
      .
    </Text>
  );
}

function whenWords(timing: Timing): string {
  if (timing.when !== 'now' && timing.at === '') return 'at a time that is not chosen yet';
  const { send_at = null, in_recipient_time_zone = false, late = 'now' } = scheduleOf(timing);
  return scheduleWords({ send_at, in_recipient_time_zone, late });
}

function Schedule({
  campaign,
  etag,
  timing,
  review,
  isRefused,
  accept,
}: {
  campaign: Campaign;
  etag: string;
  timing: Timing;
  review: CampaignReview | null;
  isRefused: boolean;
  accept(read: Read): void;
}) {
  const navigate = useNavigate();
  const people = review?.of ? reachableOf(review.of as ReviewResult) : 0;
  // Recipients without a variable get nothing; they are counted of the whole audience, reachable or not.
  const someLack = Object.keys(review?.of?.missing_variable ?? {}).length > 0;
  const who = `${someLack ? 'at most ' : ''}${people.toLocaleString()} ${people === 1 ? 'person' : 'people'}`;
  const isNow = timing.when === 'now';
  const { id } = campaign;
  return (
    <ConfirmButton
      label={isNow ? `Send to ${who}` : `Schedule for ${who}`}
      variant="filled"
      disabled={isRefused}
      title={`${campaign.name} for ${who}`}
      confirm={isNow ? 'Send it now' : 'Schedule it'}
      done={isNow ? 'It starts now.' : 'It is scheduled.'}
      action={async () => {
        const body = { ...scheduleOf(timing), ...(review !== null && { review_id: review.id }) };
        const { body: stored, header } = await exchange(
          'scheduleCampaign',
          { path: { id }, body },
          { ifMatch: etag },
        );
        accept({ campaign: stored, etag: header('etag') ?? '' });
        void navigate({ to: `/campaigns/${id}` });
      }}
    >
      <Stack gap="xs">
        <div>
          {isNow ? (
            'It starts at once.'
          ) : (
            <>
              It starts by itself: {whenWords(timing)}
              {timing.when === 'at' && `, ${ZONE}`}.
            </>
          )}{' '}
          You can pause or cancel it on its page at any time.
        </div>
        <div>
          Opting out, suppressions and quiet hours are asked again when each message is sent.{' '}
          <Anchor component={Link} to="/suppressions" size="sm">
            Suppressions
          </Anchor>
        </div>
      </Stack>
    </ConfirmButton>
  );
}
