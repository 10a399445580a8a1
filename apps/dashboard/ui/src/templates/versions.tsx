import type { TemplateDraft, TemplateVersion } from '@carillon/client/api-types';
import { Group, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable, Loading } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { usePages } from '../elements/pages-query.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { Changes } from './changes.tsx';
import { nameOfPlace } from './texts.ts';

/** Who published what and when, what differs, and the way back. */
export function Versions({
  templateKey: key,
  draft,
  onRolledBack,
}: {
  templateKey: string;
  draft: TemplateDraft;
  onRolledBack(): Promise<void>;
}) {
  const query = usePages<TemplateVersion>(['template-versions', key], (cursor, signal) =>
    call('listTemplateVersions', { path: { key }, query: { cursor } }, { signal }),
  );
  const may = useMay();
  const columns: Column<TemplateVersion>[] = [
    {
      title: 'Version',
      cell: ({ version, published }) =>
        published ? <Mark tone="good">{version}, published</Mark> : String(version),
    },
    { title: 'Published', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      title: 'By',
      cell: ({ created_by, restored_from }) => (
        <Text size="sm">
          {created_by}
          {restored_from !== null && `, version ${restored_from} again`}
        </Text>
      ),
    },
    {
      title: 'Texts',
      wideOnly: true,
      cell: ({ channels }) =>
        Object.entries(channels)
          .map(([channel, locales]) => `${channel}: ${(locales ?? []).join(', ')}`)
          .join('; '),
    },
    {
      title: 'Actions',
      cell: ({ version, published }) =>
        !published &&
        may('templates:*') && (
          <ConfirmButton
            label="Roll back"
            size="xs"
            title={`Publish version ${version} again?`}
            confirm="Publish it again"
            done={`The texts of version ${version} are published.`}
            action={async () => {
              await call('rollBackTemplate', { path: { key }, body: { version } });
              await onRolledBack();
              await query.refetch();
            }}
          >
            Its texts become the next version, and new messages get them from now on. A draft stays as it is.
          </ConfirmButton>
        ),
    },
  ];
  return (
    <Stack>
      <DataTable
        query={query}
        columns={columns}
        rowKey={({ version }) => String(version)}
        label="Versions"
        empty={<Empty title="Nothing was published yet">Publish the draft to make the first version.</Empty>}
      />
      <Difference templateKey={key} draft={draft} />
    </Stack>
  );
}

function Difference({ templateKey: key, draft }: { templateKey: string; draft: TemplateDraft }) {
  const { tenant } = useHere();
  const [filters, change] = useFilters(['from', 'to']);
  const numbers = Array.from({ length: draft.published_version }, (_, n) =>
    String(draft.published_version - n),
  );
  const sides = [
    ...(draft.saved ? [{ value: 'draft', label: 'Draft' }] : []),
    ...numbers.map((value) => ({ value, label: `Version ${value}` })),
  ];
  const to = filters.to ?? sides[0]?.value ?? 'draft';
  const from = filters.from ?? (draft.saved ? 'published' : (numbers[1] ?? numbers[0] ?? 'published'));
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'template-diff', key, from, to, draft.updated_at],
    queryFn: ({ signal }) => call('diffTemplate', { path: { key }, query: { from, to } }, { signal }),
  });
  if (sides.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Difference">
      <Title order={2}>What differs</Title>
      <Group>
        <Select
          label="From"
          data={[
            ...(draft.published_version > 0 ? [{ value: 'published', label: 'Published' }] : []),
            ...sides,
          ]}
          value={from}
          onChange={(next) => change({ from: next ?? undefined })}
          allowDeselect={false}
          w={160}
        />
        <Select
          label="To"
          data={sides}
          value={to}
          onChange={(next) => change({ to: next ?? undefined })}
          allowDeselect={false}
          w={160}
        />
      </Group>
      {query.isPending && <Loading />}
      {query.isError && <ProblemAlert error={query.error} />}
      {query.data && <Changes changes={query.data.changes} nameOf={nameOfPlace} />}
    </Stack>
  );
}
