import type { TemplatePart, TemplatePartVersion } from '@carillon/client/api-types';
import type { PartKind } from '@carillon/core/template/compile/parts';
import { diffTexts } from '@carillon/core/template/diff';
import { Group, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { type Column, DataTable, Loading } from '../elements/data-table.tsx';
import { useFilters } from '../elements/filters.ts';
import { Mark } from '../elements/mark.tsx';
import { usePages } from '../elements/pages-query.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { Time } from '../elements/time.tsx';
import { Changes } from '../templates/changes.tsx';
import { OPERATIONS } from './operations.ts';
import { type AnsweredTexts, editable, nameOfField } from './part-texts.ts';

/** Who published which version of a layout or partial, what differs, and the way back. */
export function PartVersions({
  kind,
  part,
  isDirty,
  onRollBack,
}: {
  kind: PartKind;
  part: TemplatePart;
  isDirty: boolean;
  /** Resolves to false where somebody else changed it meanwhile. */
  onRollBack(texts: AnsweredTexts): Promise<boolean>;
}) {
  const { key } = part;
  const may = useMay();
  const query = usePages<TemplatePartVersion>([`${kind}-versions`, key], (cursor, signal) =>
    call(OPERATIONS[kind].versions, { path: { key }, query: { cursor } }, { signal }),
  );
  const columns: Column<TemplatePartVersion>[] = [
    {
      title: 'Version',
      cell: ({ version }) =>
        version === part.version ? <Mark tone="good">{version}, published</Mark> : String(version),
    },
    { title: 'Published', cell: ({ created_at }) => <Time at={created_at} /> },
    {
      title: 'By',
      cell: ({ created_by }) => <Text size="sm">{created_by.replace(/^staff:/, '')}</Text>,
    },
    {
      title: 'Actions',
      cell: ({ version }) =>
        version !== part.version &&
        may('templates:*') && (
          <ConfirmButton
            label="Roll back"
            size="xs"
            title={`Publish version ${version} again?`}
            confirm="Publish it again"
            done={`The texts of version ${version} are published.`}
            action={async () => onRollBack(await textsOf(kind, key, version))}
          >
            Its texts become the next version. Templates that are published keep what they have until they are
            published again.{isDirty && ' What you wrote and did not publish is lost.'}
          </ConfirmButton>
        ),
    },
  ];
  const versions = query.data?.pages.flatMap(({ data }) => data.map(({ version }) => version)) ?? [];
  return (
    <Stack>
      <DataTable
        query={query}
        columns={columns}
        rowKey={({ version }) => String(version)}
        label="Versions"
        empty={null}
      />
      {versions.length > 1 && <Difference kind={kind} partKey={key} versions={versions} />}
    </Stack>
  );
}

function textsOf(kind: PartKind, key: string, version: number, signal?: AbortSignal): Promise<AnsweredTexts> {
  const path = { key, version: String(version) };
  return call(
    OPERATIONS[kind].version,
    { path },
    signal === undefined ? {} : { signal },
  ) as Promise<AnsweredTexts>;
}

function Difference({
  kind,
  partKey: key,
  versions,
}: {
  kind: PartKind;
  partKey: string;
  versions: readonly number[];
}) {
  const { tenant } = useHere();
  const [filters, change] = useFilters(['from', 'to']);
  const chosen = (name: 'from' | 'to', otherwise: number) =>
    versions.find((version) => String(version) === filters[name]) ?? otherwise;
  const to = chosen('to', versions[0]!);
  const from = chosen('from', versions[1]!);
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, `${kind}-versions`, key, 'diff', from, to],
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all([
        textsOf(kind, key, from, signal),
        textsOf(kind, key, to, signal),
      ]);
      return diffTexts(editable(before), editable(after));
    },
  });
  const sides = versions.map((version) => ({ value: String(version), label: `Version ${version}` }));
  return (
    <Stack gap="sm" component="section" aria-label="Difference">
      <Title order={2}>What differs</Title>
      <Group>
        <Select
          label="From"
          data={sides}
          value={String(from)}
          onChange={(next) => change({ from: next ?? undefined })}
          allowDeselect={false}
          w={160}
        />
        <Select
          label="To"
          data={sides}
          value={String(to)}
          onChange={(next) => change({ to: next ?? undefined })}
          allowDeselect={false}
          w={160}
        />
      </Group>
      {query.isPending && <Loading />}
      {query.isError && <ProblemAlert error={query.error} />}
      {query.data && <Changes changes={query.data} nameOf={nameOfField} />}
    </Stack>
  );
}
