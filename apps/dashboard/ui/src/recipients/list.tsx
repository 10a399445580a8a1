import type { Recipient } from '@carillon/client/api-types';
import { Anchor, Button, Group, Select, TextInput } from '@mantine/core';
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

const NAMES = ['who', 'locale', 'has_channel', 'attribute'] as const;

export default function RecipientsPage() {
  const may = useMay();
  const [filters, change] = useFilters(NAMES);
  const { who, has_channel, ...rest } = filters;
  const query = {
    ...rest,
    ...whoIs(who),
    ...(has_channel && { has_channel: has_channel as 'email' | 'sms' | 'push' }),
  };
  const list = usePages(['recipients', query], (cursor, signal) =>
    call('listRecipients', { query: { ...query, cursor } }, { signal }),
  );
  const columns: Column<Recipient>[] = [
    {
      title: 'Recipient',
      cell: ({ recipient_id: id }) => (
        <Anchor component={Link} to="/recipients/$id" params={{ id } as never} className="mono">
          {id}
        </Anchor>
      ),
    },
    { title: 'E-mail', cell: ({ email, contact_points }) => <Address of={email} points={contact_points} /> },
    { title: 'Phone', cell: ({ phone, contact_points }) => <Address of={phone} points={contact_points} /> },
    {
      title: 'Devices',
      align: 'right',
      cell: ({ contact_points }) =>
        contact_points.filter(({ kind }) => kind !== 'email' && kind !== 'phone').length,
    },
    { title: 'Locale', wideOnly: true, cell: ({ locale }) => locale ?? <span className="dim">none</span> },
    { title: 'Since', wideOnly: true, cell: ({ created_at }) => <Time at={created_at} /> },
  ];
  return (
    <PageFrame
      title="Recipients"
      description="The people that an app has registered, by the ids that the app gives them."
      actions={
        <>
          {may('recipients:import') && (
            <Button component={Link} to="/imports/new">
              Import
            </Button>
          )}
          <DownloadButton
            label="Download CSV"
            load={async () => saveFile('recipients.csv', await fetchCsv('/v1/recipients', query), 'text/csv')}
          />
        </>
      }
    >
      <Filters key={JSON.stringify(filters)} given={filters} change={change} />
      <DataTable
        query={list}
        columns={columns}
        rowKey={({ recipient_id }) => recipient_id}
        label="Recipients"
        empty={
          Object.keys(filters).length > 0 ? (
            <Empty title="Nobody matches">
              An address is found in any spelling; an id by its beginning, character by character.
            </Empty>
          ) : (
            <Empty
              title="There is nobody yet"
              curl={curlOf('PUT', '/v1/recipients/user_1', { email: 'ada@example.com', locale: 'en' })}
            >
              An app registers people by its own ids:
            </Empty>
          )
        }
      />
    </PageFrame>
  );
}

/** What was typed into the one box: an address, a number, or the beginning of an id. */
function whoIs(text: string | undefined): { email?: string; phone?: string; id_prefix?: string } {
  if (!text) return {};
  if (text.includes('@')) return { email: text };
  return /^\+[\d ().-]{5,}$/.test(text) ? { phone: text } : { id_prefix: text };
}

function Address({ of, points }: { of: string | null; points: Recipient['contact_points'] }) {
  if (of === null) return <span className="dim">none</span>;
  const isDisabled = points.some(({ address, disabled_at }) => address === of && disabled_at !== null);
  return (
    <Group gap="xs" wrap="nowrap">
      <span>{of}</span>
      {isDisabled && <Mark tone="bad">disabled</Mark>}
    </Group>
  );
}

type Given = Partial<Record<(typeof NAMES)[number], string>>;

function Filters({ given, change }: { given: Given; change(next: Given): void }) {
  const [who, setWho] = useState(given.who ?? '');
  const [attribute, setAttribute] = useState(given.attribute ?? '');
  const [locale, setLocale] = useState(given.locale ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change({ who: who.trim(), attribute: attribute.trim(), locale: locale.trim() });
      }}
    >
      <Group align="end" gap="sm">
        <TextInput
          label="Id, e-mail or phone"
          placeholder="user_1, ada@example.com, +49 151 ..."
          value={who}
          onChange={(event) => setWho(event.currentTarget.value)}
          style={{ flex: '1 1 16rem', maxWidth: '24rem' }}
        />
        <TextInput
          label="Attribute"
          placeholder="plan=pro"
          w={150}
          value={attribute}
          onChange={(event) => setAttribute(event.currentTarget.value)}
        />
        <TextInput
          label="Locale"
          placeholder="en"
          w={100}
          value={locale}
          onChange={(event) => setLocale(event.currentTarget.value)}
        />
        <Select
          label="Can get"
          placeholder="any"
          clearable
          w={130}
          data={[
            { value: 'email', label: 'E-mail' },
            { value: 'sms', label: 'SMS' },
            { value: 'push', label: 'Push' },
          ]}
          value={given.has_channel ?? null}
          onChange={(channel) => change({ has_channel: channel ?? '' })}
        />
        <Button type="submit" variant="default">
          Look
        </Button>
      </Group>
    </form>
  );
}
