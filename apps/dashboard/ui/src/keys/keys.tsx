import type { ApiKey } from '@carillon/client/api-types';
import { Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { MakeKey } from './make-key.tsx';
import { NewKey } from './new-key.tsx';

/** The keys by which programs call the API, of the app and environment of the page. */
export default function Keys() {
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [made, setMade] = useState<{ key: string; name: string } | null>(null);
  const query = usePages<ApiKey>(['keys'], (cursor, signal) =>
    call(
      'listApiKeys',
      { query: { app_id: tenant.app, environment: tenant.environment, cursor } },
      { signal },
    ),
  );
  const reload = () => queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'keys'] });
  const shown = (key: { key: string; name: string }) => {
    setMade(key);
    return reload();
  };
  return (
    <PageFrame
      title="API keys"
      description="Each program has a key of its own, with no more scopes than it needs. Only a hash of it is stored."
      actions={<MakeKey onMade={shown} />}
    >
      {made !== null && <NewKey made={made} onClose={() => setMade(null)} />}
      <DataTable
        query={query}
        columns={columnsOf(reload, shown)}
        rowKey={({ id }) => id}
        label="API keys"
        empty={
          <Empty
            title="No program can call the API yet"
            curl={curlOf('POST', '/v1/api-keys', {
              name: 'Shop',
              environment: tenant.environment,
              scopes: ['notifications:write'],
            })}
          >
            Make a key for the first one. By the API, a key with the scope keys:* makes others.
          </Empty>
        }
      />
    </PageFrame>
  );
}

const TONES = { active: 'good', expired: 'neutral', revoked: 'neutral' } as const;

const columnsOf = (
  reload: () => Promise<unknown>,
  onMade: (key: { key: string; name: string }) => Promise<unknown>,
): Column<ApiKey>[] => [
  {
    title: 'Name',
    cell: ({ name, id }) => (
      <Stack gap={0}>
        <Text fw={550}>{name}</Text>
        <span className="mono dim">{id}</span>
      </Stack>
    ),
  },
  { title: 'State', cell: ({ state }) => <Mark tone={TONES[state]}>{state}</Mark> },
  { title: 'Scopes', cell: ({ scopes }) => <Text size="sm">{scopes.join(', ')}</Text> },
  { title: 'Last used', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
  {
    title: 'Ends',
    cell: ({ expires_at }) => (expires_at === null ? 'when revoked' : <Time at={expires_at} />),
  },
  {
    title: '',
    cell: (key) =>
      key.state === 'active' && (
        <Group gap="xs" wrap="nowrap">
          <ConfirmButton
            label="Rotate"
            size="xs"
            title={`Rotate the key of ${key.name}`}
            confirm="Make the new key"
            done="There is a new key. Give it to the program."
            action={async () => {
              const { key: text, name } = await call('rotateApiKey', { path: { id: key.id }, body: {} });
              await onMade({ key: text, name });
            }}
          >
            A key with the same name, scopes and limit is made. The old one works for a day more, so that the
            program can be changed over without a gap.
          </ConfirmButton>
          <ConfirmButton
            label="Revoke"
            size="xs"
            danger
            title={`Revoke the key of ${key.name}`}
            confirm="Revoke it"
            done="The key is revoked."
            action={async () => {
              await call('deleteApiKey', { path: { id: key.id } });
              await reload();
            }}
          >
            Every API process refuses it after 5 s at most, for good. A program that still uses it can send
            nothing more. After a leak this is right; else rotate.
          </ConfirmButton>
        </Group>
      ),
  },
];
