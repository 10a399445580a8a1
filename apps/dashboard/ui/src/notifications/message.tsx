import type { NotificationWithTimeline } from '@carillon/client/api-types';
import { allows } from '@carillon/core/access/access';
import { laneOf } from '@carillon/core/notification/lane';
import { FINAL_STATES } from '@carillon/core/notification/states';
import { errorWords, STATE_WORDS } from '@carillon/core/notification/wording';
import { Alert, Anchor, Button, Grid, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CarillonError, call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { Meaning, StateMark } from '../elements/words.tsx';
import { MessageActions } from './actions.tsx';
import { Attempts } from './attempts.tsx';
import { NotHere } from './not-here.tsx';
import { providerOf } from './provider-of.ts';
import { recipientOf } from './recipient-of.ts';
import { Sent } from './sent.tsx';
import { Story } from './story.tsx';

/** One message: what it is, what was sent, what became of it, and what can be done about it. */
export default function MessagePage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'notification', id],
    queryFn: ({ signal }) => call('getNotification', { path: { id } }, { signal }),
    // What is on its way is watched; a report may still come for what has ended.
    refetchInterval: ({ state: { data } }) => (data && FINAL_STATES.includes(data.status) ? 30_000 : 3_000),
  });
  if (query.data === undefined) {
    if (query.error instanceof CarillonError && query.error.status === 404) return <NotHere id={id} />;
    return (
      <PageFrame title="Message">
        {query.isError ? (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading />
        )}
      </PageFrame>
    );
  }
  const message = query.data;
  return (
    <PageFrame
      title={`Message to ${recipientOf(message)}`}
      description={
        <Stack gap={6} mt={6}>
          <Group gap="xs">
            <StateMark state={message.status} />
            <Text size="sm">
              {message.channel}, {message.priority}
            </Text>
          </Group>
          <Meaning words={STATE_WORDS[message.status]} />
        </Stack>
      }
      actions={<MessageActions key={message.updated_at} message={message} />}
    >
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      {message.error !== null && <LastError message={message} />}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="xl">
            <Sent id={message.id} />
            <Attempts attempts={message.attempts} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="xl">
            <Story timeline={message.timeline} />
            <Details message={message} />
          </Stack>
        </Grid.Col>
      </Grid>
    </PageFrame>
  );
}

function LastError({ message: { error, attempts, provider } }: { message: NotificationWithTimeline }) {
  if (error === null) return null;
  const outcome = attempts.findLast((attempt) => attempt.error?.code === error.code)?.outcome;
  const words = errorWords({ code: error.code, outcome, provider: providerOf(provider) });
  return (
    <Alert color="gray" variant="outline" title={words.title}>
      <Meaning words={words} />
      <Text size="xs" className="dim" mt={4}>
        <span className="mono">{error.code}</span> {error.message}
      </Text>
    </Alert>
  );
}

function Details({ message }: { message: NotificationWithTimeline }) {
  const { id, to, template, template_version, category, route, idempotency_key, ordering_key, event_id } =
    message;
  const metadata = Object.entries(message.metadata);
  return (
    <Stack component="section" gap="xs" aria-label="Details">
      <Title order={2}>Details</Title>
      <Facts
        facts={[
          ['Id', <Copyable key="id" text={id} label="the id" />],
          to.recipient_id === undefined
            ? null
            : [
                'Recipient',
                <Anchor
                  key="recipient"
                  component={Link}
                  to={`/recipients/${encodeURIComponent(to.recipient_id)}`}
                >
                  {to.recipient_id}
                </Anchor>,
              ],
          to.email === undefined ? null : ['E-mail address', <ToList key="email" address={to.email} />],
          to.phone === undefined ? null : ['Phone number', <ToList key="phone" address={to.phone} />],
          to.push === undefined ? null : ['Device', `${to.push.kind}, ends with ${to.push.ends_with}`],
          template === null ? null : ['Template', `${template}, version ${template_version}`],
          category === null ? null : ['Category', category],
          route.length > 1 ? ['Route', route.join(', then ')] : null,
          ['Accepted', <Time key="accepted" at={message.created_at} />],
          message.send_at === null ? null : ['Asked for', <Time key="send" at={message.send_at} />],
          message.next_attempt_at === null ? null : ['Due', <Time key="due" at={message.next_attempt_at} />],
          message.expires_at === null
            ? null
            : ['Too late after', <Time key="expires" at={message.expires_at} />],
          message.provider === null ? null : ['Provider account', message.provider],
          message.provider_message_id === null
            ? null
            : [
                "Provider's message id",
                <Copyable key="pid" text={message.provider_message_id} label="the id" />,
              ],
          ['Idempotency key', <Copyable key="key" text={idempotency_key} label="the key" />],
          ordering_key === null ? null : ['Ordering key', ordering_key],
          event_id === null ? null : ['Event', event_id],
          ...metadata.map(([name, value]) => [`Metadata: ${name}`, value] as const),
          message.attachments.length === 0
            ? null
            : ['Files', message.attachments.map(({ filename }) => filename).join(', ')],
        ]}
      />
      <Job message={message} />
    </Stack>
  );
}

function ToList({ address }: { address: string }) {
  return (
    <Anchor component={Link} to="/notifications" search={{ address } as never} size="sm">
      {address}
    </Anchor>
  );
}

/** The job in Bull Board, for those who see the lanes: they carry the messages of every app. */
function Job({ message: { id, channel, priority, status } }: { message: NotificationWithTimeline }) {
  const { session } = useHere();
  const hasJob = !FINAL_STATES.includes(status) || status === 'failed' || status === 'dead';
  if (!hasJob || !allows(session.scopes, 'overview:read')) return null;
  const lane = laneOf(channel, priority);
  return (
    <Group>
      <Button component="a" href={`/queues/queue/${lane}/${id}`} variant="default" size="xs">
        Its job in the lane {lane}
      </Button>
    </Group>
  );
}
