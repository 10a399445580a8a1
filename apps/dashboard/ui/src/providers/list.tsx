import type { ProviderAccountWithHealth } from '@carillon/client/api-types';
import { Anchor, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { ago, Time } from '../elements/time.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';
import { Latency, Rate, Success } from './figures.tsx';
import { PlaceButton } from './place.tsx';
import { useAccounts } from './queries.ts';
import { HoldButtons, UseMark } from './use.tsx';

export default function ProvidersPage() {
  const may = useMay();
  const query = useAccounts();
  const accounts = query.data ?? [];
  return (
    <PageFrame
      title="Provider accounts"
      description="What messages are sent through, for every app of the installation. By channel, in the order in which accounts are tried; those of the same order share the traffic by weight. Figures are of the last five minutes."
      actions={
        may('providers:*') && (
          <Button component={Link} to="/new-provider-account">
            New account
          </Button>
        )
      }
    >
      {query.isPending && <Loading />}
      {query.isError &&
        (query.data === undefined ? (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Stale since={query.dataUpdatedAt} error={query.error} />
        ))}
      {query.data?.length === 0 && (
        <Empty
          title="There is no account"
          curl={curlOf('PUT', '/v1/provider-accounts/resend', {
            provider: 'resend',
            environments: ['live'],
            from: 'Acme <hello@acme.example>',
            credentials: { api_key: 're_...' },
          })}
        >
          Nothing can be sent without one. This makes one:
        </Empty>
      )}
      {(Object.keys(CHANNEL_WORDS) as (keyof typeof CHANNEL_WORDS)[])
        .map((channel) => ({ channel, own: accounts.filter((each) => each.channel === channel) }))
        .filter(({ own }) => own.length > 0)
        .map(({ channel, own }) => (
          <Stack key={channel} gap="sm" component="section">
            <Title order={2}>{CHANNEL_WORDS[channel]}</Title>
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
              {own.map((account) => (
                <AccountCard key={account.id} account={account} />
              ))}
            </SimpleGrid>
          </Stack>
        ))}
    </PageFrame>
  );
}

function AccountCard({ account }: { account: ProviderAccountWithHealth }) {
  const { id, provider, enabled, order, weight, rate_per_second: limit, health, environments } = account;
  const { last_error: error } = health;
  return (
    <Card withBorder padding="md" component="article" aria-label={id}>
      <Group justify="space-between" align="start" gap="xs" mb="xs">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Anchor component={Link} to="/providers/$account" params={{ account: id } as never} fw={600}>
              {id}
            </Anchor>
            <UseMark health={health} />
          </Group>
          <Text size="sm" className="dim">
            {provider}, {environments.join(' and ')}
          </Text>
        </div>
        <PlaceButton account={account} />
      </Group>
      <Facts
        facts={[
          [
            'Place',
            `order ${order}, weight ${weight}, ${limit === null ? 'no limit' : `at most ${limit}/s`}`,
          ],
          ['Because', health.why],
          health.since === null ? null : ['Since', <Time key="since" at={health.since} />],
          health.held_by === null ? null : ['Held by', health.held_by.replace(/^staff:/, '')],
          ['Rate', <Rate key="rate" health={health} />],
          ['Success', <Success key="success" health={health} />],
          ['Answers within', <Latency key="latency" health={health} />],
          error === null
            ? null
            : [
                'Last error',
                <span key="error">
                  <span className="mono">{error.code ?? error.outcome}</span> {error.text?.slice(0, 160)},{' '}
                  <span className="dim">{ago(error.at)}</span>
                </span>,
              ],
        ]}
      />
      <Group mt="sm">
        <HoldButtons account={id} enabled={enabled} health={health} />
      </Group>
    </Card>
  );
}
