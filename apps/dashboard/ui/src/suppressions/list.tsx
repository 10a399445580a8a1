import type { Suppression } from '@carillon/client/api-types';
import { Anchor, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { fetchCsv } from '../api/csv.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { DownloadButton, saveFile } from '../elements/download.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { AddSuppression } from './add.tsx';
import { LiftButton } from './lift.tsx';
import { addedBy, CHANNEL_WORDS, REASON_WORDS } from './words.ts';

const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

export default function SuppressionsPage() {
  const may = useMay();
  const [filters, change] = useFilters(['channel', 'reason', 'address']);
  const query = {
    ...filters,
    // An address is one of a channel: what it looks like says which.
    ...(filters.address && !filters.channel && { channel: channelOf(filters.address) }),
    sort: 'newest' as const,
  } as { channel?: Suppression['channel']; reason?: Suppression['reason']; address?: string; sort: 'newest' };
  const list = usePages(['suppressions', query], (cursor, signal) =>
    call('listSuppressions', { query: { ...query, cursor } }, { signal }),
  );
  const columns: Column<Suppression>[] = [
    {
      title: 'Reason',
      cell: ({ reason }) => (
        <Mark tone={reason === 'manual' ? 'neutral' : 'bad'}>{REASON_WORDS[reason]}</Mark>
      ),
    },
    { title: 'Channel', cell: ({ channel }) => CHANNEL_WORDS[channel] },
    {
      title: 'Remark',
      cell: ({ detail, channel, address_hash: hash }) => (
        <div style={{ maxWidth: '28rem' }}>
          <Text size="sm">{detail ?? <span className="dim">none</span>}</Text>
          <Anchor
            component={Link}
            size="sm"
            to="/suppressions/$channel/$hash"
            params={{ channel, hash } as never}
          >
            Why, and in whose words
          </Anchor>
        </div>
      ),
    },
    {
      title: 'Message',
      wideOnly: true,
      cell: ({ cause }) =>
        cause?.notification_id ? (
          <Anchor
            component={Link}
            size="sm"
            className="mono"
            to="/notifications/$id"
            params={{ id: cause.notification_id } as never}
          >
            {cause.notification_id.slice(0, 8)}
          </Anchor>
        ) : (
          <span className="dim">none</span>
        ),
    },
    { title: 'Added by', cell: ({ added_by }) => addedBy(added_by) },
    { title: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
    { title: '', cell: (row) => <LiftButton of={row} /> },
  ];
  return (
    <PageFrame
      title="Suppressions"
      description="Addresses that nothing is sent to. Addresses themselves are not kept, only a hash: search with the address to see whether it is suppressed."
      actions={
        <>
          <DownloadButton
            label="Download CSV"
            load={async () =>
              saveFile('suppressions.csv', await fetchCsv('/v1/suppressions', query), 'text/csv')
            }
          />
          {may('suppressions:*') && <AddSuppression />}
        </>
      }
    >
      <Group align="end" gap="sm">
        <AddressSearch
          key={filters.address ?? ''}
          given={filters.address ?? ''}
          search={(address) => change({ address })}
        />
        <Select
          label="Channel"
          placeholder="any"
          clearable
          w={140}
          data={options(CHANNEL_WORDS)}
          value={query.channel ?? null}
          onChange={(channel) => change({ channel: channel ?? undefined })}
        />
        <Select
          label="Reason"
          placeholder="any"
          clearable
          w={170}
          data={options(REASON_WORDS)}
          value={filters.reason ?? null}
          onChange={(reason) => change({ reason: reason ?? undefined })}
        />
      </Group>
      <DataTable
        query={list}
        columns={columns}
        rowKey={({ channel, address_hash }) => `${channel}/${address_hash}`}
        label="Suppressed addresses"
        empty={
          filters.address ? (
            <Empty title="This address may be written to">It is not suppressed on this channel.</Empty>
          ) : (
            <Empty
              title="No address is suppressed"
              curl={curlOf('POST', '/v1/suppressions', { channel: 'email', address: 'ada@example.com' })}
            >
              Bounces, complaints and STOP messages add addresses by themselves; so does this:
            </Empty>
          )
        }
      />
    </PageFrame>
  );
}

/** `+49 ...` is a phone number, what has an @ an e-mail address, anything else a token of a device. */
export function channelOf(address: string): Suppression['channel'] {
  if (address.includes('@')) return 'email';
  return /^\+?[\d ().-]{5,}$/.test(address) ? 'sms' : 'push';
}

function AddressSearch({ given, search }: { given: string; search(address: string | undefined): void }) {
  const [text, setText] = useState(given);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        search(text.trim() || undefined);
      }}
      style={{ flex: '1 1 18rem', maxWidth: '26rem' }}
    >
      <Group align="end" gap="xs" wrap="nowrap">
        <TextInput
          label="Address"
          placeholder="ada@example.com or +49 151 ..."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button type="submit" variant="default">
          Look
        </Button>
      </Group>
    </form>
  );
}
