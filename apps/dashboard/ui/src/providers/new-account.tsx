import { Anchor, Select, Stack, Text, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Loading } from '../elements/data-table.tsx';
import { useFilters } from '../elements/filters.ts';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert } from '../elements/problem.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';
import { AccountForm } from './account-form.tsx';
import { GUARANTEES } from './guarantee.ts';
import { useAccounts, useProviders } from './queries.ts';

const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export default function NewAccountPage() {
  const providers = useProviders();
  const accounts = useAccounts();
  const navigate = useNavigate();
  const [{ provider: chosen }, change] = useFilters(['provider']);
  const [id, setId] = useState('');
  const provider = providers.data?.find((each) => each.id === chosen);
  const isTaken = accounts.data?.some((each) => each.id === id) ?? false;
  const problem =
    id === ''
      ? undefined
      : !ID.test(id)
        ? 'Take 1 to 63 of a-z, 0-9, - and _, such as twilio-eu.'
        : isTaken
          ? 'There is an account of this id already.'
          : undefined;
  return (
    <PageFrame
      title="New provider account"
      description="Credentials are sealed at once and never shown again."
    >
      <Anchor component={Link} to="/providers" size="sm">
        All accounts
      </Anchor>
      {providers.isPending ? (
        <Loading />
      ) : providers.data === undefined ? (
        <ProblemAlert error={providers.error} retry={() => void providers.refetch()} />
      ) : (
        <Stack maw="46rem">
          <Select
            label="Provider"
            placeholder="Choose one"
            required
            searchable
            data={providers.data.map((each) => ({
              value: each.id,
              label: `${each.title} (${each.channels.map((channel) => CHANNEL_WORDS[channel]).join(', ')})`,
            }))}
            value={chosen ?? null}
            onChange={(next) => {
              change({ provider: next ?? undefined });
              if (id === '' && next !== null) setId(next);
            }}
          />
          {provider && (
            <>
              <Text size="sm" className="dim">
                {GUARANTEES[provider.guarantee]}
                {provider.receipts_url !== null && id !== '' && (
                  <>
                    {' '}
                    Give it this address for its reports:{' '}
                    <span className="mono">{provider.receipts_url.replace('{account}', id)}</span>
                  </>
                )}
              </Text>
              <TextInput
                label="Id"
                description="It stands in attempts, metrics and addresses, and cannot be changed later."
                required
                autoComplete="off"
                value={id}
                error={problem}
                onChange={(event) => setId(event.currentTarget.value)}
              />
              <AccountForm
                key={provider.id}
                provider={provider}
                read={null}
                id={id !== '' && problem === undefined ? id : null}
                onSaved={(account) =>
                  void navigate({ to: '/providers/$account', params: { account } } as never)
                }
              />
            </>
          )}
        </Stack>
      )}
    </PageFrame>
  );
}
