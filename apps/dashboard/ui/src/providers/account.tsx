import type { ProviderAccountWithHealth } from '@carillon/client/api-types';
import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { CarillonError, callLive } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Copyable } from '../elements/copy.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { Stale } from '../elements/stale.tsx';
import { Time } from '../elements/time.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';
import { AccountForm, ManagedByFile } from './account-form.tsx';
import { Latency, minutes, Rate, Success } from './figures.tsx';
import { GUARANTEES } from './guarantee.ts';
import { type TaggedAccount, useAccount, useProviders } from './queries.ts';
import { SendTest } from './send-test.tsx';
import { HoldButtons, UseMark } from './use.tsx';

export default function AccountPage() {
  const { account: id } = useParams({ strict: false }) as { account: string };
  const query = useAccount(id);
  const may = useMay();
  const account = query.data?.account;
  return (
    <PageFrame
      title={id}
      actions={
        account &&
        may('providers:*') && (
          <>
            <Verify id={id} />
            <SendTest account={account} />
          </>
        )
      }
    >
      <Anchor component={Link} to="/providers" size="sm">
        All accounts
      </Anchor>
      {query.isPending ? (
        <Loading />
      ) : account === undefined ? (
        query.error instanceof CarillonError && query.error.status === 404 ? (
          <Empty title="There is no account of this id">It may have been removed.</Empty>
        ) : (
          <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <>
          {query.isError && <Stale since={query.dataUpdatedAt} error={query.error} />}
          <Health account={account} />
          <About account={account} />
          {may('providers:*') && query.data && <Settings read={query.data} />}
          {may('providers:*') && <Remove id={id} />}
        </>
      )}
    </PageFrame>
  );
}

function Health({ account }: { account: ProviderAccountWithHealth }) {
  const { id, enabled, health } = account;
  const { last_error: error, outcomes } = health;
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>Health</Title>
      <Group gap="sm">
        <UseMark health={health} />
        <Text size="sm">{health.why}</Text>
      </Group>
      <Facts
        facts={[
          health.since === null ? null : ['Since', <Time key="since" at={health.since} />],
          health.held_by === null ? null : ['Held by', health.held_by.replace(/^staff:/, '')],
          health.probe_at === null ? null : ['Asked again at', <Time key="probe" at={health.probe_at} />],
          ['Rate', <Rate key="rate" health={health} />],
          ['Success', <Success key="success" health={health} />],
          ['Answers within', <Latency key="latency" health={health} />],
          [
            `Calls in ${minutes(health.window_seconds)}`,
            health.calls === 0
              ? 'none'
              : Object.entries(outcomes)
                  .map(([outcome, count]) => `${count} ${outcome.replace('_', ' ')}`)
                  .join(', '),
          ],
          error === null
            ? null
            : [
                'Last error',
                <span key="error">
                  <span className="mono">{error.code ?? error.outcome}</span> {error.text} (
                  <Time at={error.at} />)
                </span>,
              ],
        ]}
      />
      <HoldButtons account={id} enabled={enabled} health={health} size="sm" />
    </Stack>
  );
}

function About({ account }: { account: ProviderAccountWithHealth }) {
  const providers = useProviders();
  const provider = providers.data?.find((each) => each.id === account.provider);
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>About it</Title>
      <Facts
        facts={[
          ['Provider', provider?.title ?? account.provider],
          ['Channel', CHANNEL_WORDS[account.channel]],
          ['Environments', account.environments.join(' and ')],
          provider === undefined ? null : ['A lost answer', GUARANTEES[provider.guarantee]],
          account.receipts_url === null
            ? ['Reports', 'It reports nothing.']
            : ['Reports go to', <Copyable key="receipts" text={account.receipts_url} label="the address" />],
          [
            'Credentials',
            account.credentials === null
              ? 'none'
              : `sealed with the key ${account.credentials.key_id}, fingerprint ${account.credentials.fingerprint}`,
          ],
          ['Managed by', account.managed_by === 'file' ? 'PROVIDERS_FILE' : 'people'],
          ['Changed', <Time key="changed" at={account.updated_at} />],
        ]}
      />
    </Stack>
  );
}

/** The form starts from what was there when it was opened; what is read meanwhile does not change it. */
function Settings({ read }: { read: TaggedAccount }) {
  const providers = useProviders();
  const [opened, setOpened] = useState<TaggedAccount | null>(null);
  const provider = providers.data?.find((each) => each.id === read.account.provider);
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>Settings</Title>
      {read.account.managed_by === 'file' && <ManagedByFile />}
      {opened === null || provider === undefined ? (
        <div>
          <Button variant="default" disabled={provider === undefined} onClick={() => setOpened(read)}>
            Change the settings
          </Button>
        </div>
      ) : (
        <AccountForm
          key={opened.etag}
          provider={provider}
          read={opened}
          id={read.account.id}
          onSaved={() => setOpened(null)}
        />
      )}
    </Stack>
  );
}

function Verify({ id }: { id: string }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ healthy: boolean; why: string | null } | { error: unknown } | null>(
    null,
  );
  const ask = async () => {
    setBusy(true);
    try {
      setSaid(await callLive('verifyProviderAccount', { path: { account: id } }));
    } catch (error) {
      setSaid({ error });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs" align="end">
      <Button variant="default" loading={busy} onClick={() => void ask()}>
        Verify the credentials
      </Button>
      {said !== null &&
        ('error' in said ? (
          <ProblemAlert error={said.error} />
        ) : (
          <Alert
            color={said.healthy ? 'teal' : 'red'}
            variant="outline"
            role="status"
            maw="24rem"
            title={said.healthy ? 'The provider accepts them' : 'The provider does not accept them'}
          >
            {said.why}
          </Alert>
        ))}
    </Stack>
  );
}

function Remove({ id }: { id: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <Stack gap="xs" component="section">
      <Title order={2}>Remove</Title>
      <div>
        <ConfirmButton
          label="Remove this account"
          color="red"
          variant="outline"
          danger
          title={`Remove ${id}`}
          confirm="Remove it"
          done={`${id} is removed.`}
          action={async () => {
            await callLive('deleteProviderAccount', { path: { account: id } });
            await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === 'accounts' });
            await navigate({ to: '/providers' as never });
          }}
        >
          Nothing is sent through it any more, and its credentials are gone. Attempts keep its name. To pause
          it, take it out of use instead.
        </ConfirmButton>
      </div>
    </Stack>
  );
}
