import type { AuditEntry } from '@carillon/client/api-types';
import { allows } from '@carillon/core/access/access';
import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { call, callEverywhere } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { DownloadButton, saveFile } from '../elements/download.tsx';
import { Empty } from '../elements/empty.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { Change, EntryDetails, says } from './change.tsx';
import { AuditFilters, useAuditFilters } from './filters.tsx';
import { Mono, Subject } from './subject.tsx';
import { VerifyChain } from './verify.tsx';

export default function AuditPage() {
  const { session, tenant } = useHere();
  const mayEverywhere = allows(session.scopes, 'audit:read');
  const filters = useAuditFilters();
  const ofAll = mayEverywhere && filters.isOfAll;
  const ask = ofAll ? callEverywhere : call;
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const isTest = tenant.environment === 'test' && !ofAll;
  const query = usePages(
    ['audit', ofAll, filters.query],
    (cursor, signal) => ask('listAudit', { query: { ...filters.query, cursor } }, { signal }),
    { enabled: !isTest },
  );
  const download = async (format: 'csv' | 'ndjson') => {
    const text = await ask('exportAudit', { query: { ...filters.query, format } });
    const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson';
    saveFile(`audit-${new Date().toISOString().slice(0, 10)}.${format}`, text, type);
  };
  const columns: Column<AuditEntry>[] = [
    { title: 'When', cell: ({ at }) => <Time at={at} /> },
    { title: 'Who', cell: ({ actor }) => <Who actor={actor} /> },
    { title: 'Action', cell: ({ action }) => <Mono>{action}</Mono> },
    { title: 'What', cell: ({ subject }) => <Subject subject={subject} /> },
    { title: 'Change', cell: (entry) => (says(entry) ? <Change entry={entry} /> : null) },
    {
      title: '',
      cell: (entry) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => setShown(entry)}
          aria-label={`Details of ${entry.action} on ${entry.subject}`}
        >
          Details
        </Button>
      ),
    },
  ];
  return (
    <PageFrame
      title="Audit log"
      description="Every change by a person, a key or carillon-admin. Entries cannot be changed or removed."
      actions={
        !isTest && (
          <>
            <VerifyChain ask={ask} />
            <DownloadButton label="Download CSV" load={() => download('csv')} />
            <DownloadButton label="NDJSON" load={() => download('ndjson')} />
          </>
        )
      }
    >
      <AuditFilters filters={filters} mayEverywhere={mayEverywhere} />
      {isTest ? (
        <Empty title="The audit log tells of live traffic">
          <Text>Change to the live environment, at the top of the navigation.</Text>
        </Empty>
      ) : (
        <DataTable
          query={query}
          columns={columns}
          rowKey={({ id }) => id}
          label="Audit log, newest first"
          empty={
            <Empty title={filters.isNarrowed ? 'No entry matches' : 'Nothing was changed yet'}>
              {filters.isNarrowed
                ? 'Take a filter away, or look further back.'
                : 'The first change of a template, a key or an account is the first entry.'}
            </Empty>
          }
        />
      )}
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={shown?.action ?? ''}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown !== null && <EntryDetails entry={shown} />}
      </Modal>
    </PageFrame>
  );
}

function Who({ actor }: { actor: string }) {
  const [, kind = '', name = actor] = /^(key|staff|system):(.*)$/.exec(actor) ?? [];
  return (
    <Group gap={4} component="span" wrap="nowrap">
      {kind !== '' && (
        <Text span size="xs" className="dim">
          {kind}
        </Text>
      )}
      <span style={{ overflowWrap: 'break-word', minWidth: 0 }}>{name}</span>
    </Group>
  );
}
