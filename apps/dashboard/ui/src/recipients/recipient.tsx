import { Anchor, Group, Tabs, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CarillonError, call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { CodeBlock, Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';
import { Addresses } from './addresses.tsx';
import { HeldData } from './held-data.tsx';
import { Inbox } from './inbox.tsx';
import { Messages } from './messages.tsx';
import { PreferencesTab } from './preferences.tsx';
import { REACHABILITY_WORDS } from './words.ts';

export default function RecipientPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { tenant } = useHere();
  const [{ tab = 'addresses' }, change] = useFilters(['tab', 'status']);
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'recipient', id],
    queryFn: ({ signal }) => call('getRecipient', { path: { recipient_id: id } }, { signal }),
  });
  const recipient = query.data;
  if (query.isPending)
    return (
      <PageFrame title="Recipient">
        <Loading />
      </PageFrame>
    );
  if (recipient === undefined)
    return (
      <PageFrame title="Recipient">
        {query.error instanceof CarillonError && query.error.status === 404 ? (
          <Empty
            title="There is nobody of this id"
            curl={curlOf('PUT', `/v1/recipients/${encodeURIComponent(id)}`, { email: 'ada@example.com' })}
          >
            Not in this app and environment; perhaps they were erased. Messages to bare addresses need no
            recipient.
          </Empty>
        ) : (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        )}
      </PageFrame>
    );
  const { reachability, locale, time_zone: zone, attributes, paused_until: pausedUntil } = recipient;
  return (
    <PageFrame title="Recipient" description={<Copyable text={id} label="the id" />}>
      {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
      <Anchor component={Link} to="/recipients" size="sm">
        All recipients
      </Anchor>
      <Group gap="lg" aria-label="Reachability" role="group">
        {Object.entries(reachability).map(([channel, state]) => {
          const { tone, word, means } = REACHABILITY_WORDS[state];
          return (
            <Tooltip key={channel} label={means} multiline maw={280}>
              <Group gap={6} wrap="nowrap">
                <Text size="sm">{CHANNEL_WORDS[channel as keyof typeof CHANNEL_WORDS]}</Text>
                <Mark tone={tone}>{word}</Mark>
              </Group>
            </Tooltip>
          );
        })}
      </Group>
      <Facts
        facts={[
          ['Locale', locale ?? <span className="dim">the app's default</span>],
          ['Time zone', zone ?? <span className="dim">the app's</span>],
          ['Since', <Time key="since" at={recipient.created_at} />],
          pausedUntil === null ? null : ['All messages paused until', <Time key="paused" at={pausedUntil} />],
          Object.keys(attributes).length === 0
            ? null
            : [
                'Attributes',
                <CodeBlock
                  key="attributes"
                  text={JSON.stringify(attributes, null, 2)}
                  label="the attributes"
                />,
              ],
        ]}
      />
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next ?? undefined, status: undefined })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="addresses">Addresses and devices</Tabs.Tab>
          <Tabs.Tab value="preferences">Preferences</Tabs.Tab>
          <Tabs.Tab value="messages">Messages</Tabs.Tab>
          <Tabs.Tab value="inbox">Inbox</Tabs.Tab>
          <Tabs.Tab value="data">Their data</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="addresses" pt="md">
          <Addresses recipient={recipient} />
        </Tabs.Panel>
        <Tabs.Panel value="preferences" pt="md">
          <PreferencesTab id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="messages" pt="md">
          <Messages id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="inbox" pt="md">
          <Inbox id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="data" pt="md">
          <HeldData id={id} />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}
