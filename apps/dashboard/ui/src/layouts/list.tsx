import type { TemplatePart } from '@carillon/client/api-types';
import type { PartKind } from '@carillon/core/template/compile/parts';
import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { NewPart } from './new-part.tsx';
import { OPERATIONS, pathOf } from './operations.ts';

/** What templates have in common. */
export default function Layouts() {
  const may = useMay();
  return (
    <PageFrame
      title="Layouts and partials"
      description="A layout stands around the text of an e-mail. A partial is a piece that texts put in. Templates keep those that they were published with."
      actions={may('templates:*') && <NewPart />}
    >
      <Parts
        kind="layout"
        title="Layouts"
        empty={
          <Empty
            title="There are no layouts yet"
            curl={curlOf('PUT', '/v1/layouts/base', { html: '<html><body>{{ content }}</body></html>' })}
          >
            With one, the head and foot of all e-mails are written once. Write it here, or by the API:
          </Empty>
        }
      />
      <Parts
        kind="partial"
        title="Partials"
        empty={
          <Empty
            title="There are no partials yet"
            curl={curlOf('PUT', '/v1/partials/footer', {
              html: '<a href="{{ unsubscribe_url }}">Unsubscribe</a>',
              text: '{{ unsubscribe_url }}',
            })}
          >
            For what several texts say, such as a footer or a button. Write one here, or by the API:
          </Empty>
        }
      />
    </PageFrame>
  );
}

function Parts({ kind, title, empty }: { kind: PartKind; title: string; empty: ReactNode }) {
  const query = usePages<TemplatePart>([`${kind}s`], (cursor, signal) =>
    call(OPERATIONS[kind].list, { query: { cursor } }, { signal }),
  );
  const hasAny = (query.data?.pages[0]?.data.length ?? 0) > 0;
  return (
    <Stack gap="xs" component="section" aria-label={title} mb="lg">
      {hasAny && <Title order={2}>{title}</Title>}
      <DataTable
        query={query}
        columns={columnsOf(kind)}
        rowKey={({ key }) => key}
        label={title}
        empty={empty}
      />
    </Stack>
  );
}

function columnsOf(kind: PartKind): Column<TemplatePart>[] {
  return [
    {
      title: kind === 'layout' ? 'Layout' : 'Partial',
      cell: ({ key }) => (
        <Anchor component={Link} to={pathOf(kind, key)}>
          {key}
        </Anchor>
      ),
    },
    { title: 'Published', cell: ({ version }) => <Mark tone="good">version {version}</Mark> },
    {
      title: 'Changed',
      cell: ({ updated_at, updated_by }) => (
        <Stack gap={0}>
          <Time at={updated_at} />
          <Text size="xs" className="dim">
            {updated_by.replace(/^staff:/, '')}
          </Text>
        </Stack>
      ),
    },
    { title: 'Used by', cell: ({ used_by }) => <Uses of={used_by} /> },
  ];
}

function Uses({ of: { templates, drafts, layouts, partials } }: { of: TemplatePart['used_by'] }) {
  const behind = templates.filter(({ current }) => !current).length;
  const counts = [
    counted(templates.length, 'template'),
    counted(drafts.length, 'draft'),
    counted(layouts.length, 'layout'),
    counted(partials.length, 'partial'),
  ].filter((each) => each !== null);
  if (counts.length === 0) return <span className="dim">nothing</span>;
  return (
    <Stack gap={0}>
      <span>{counts.join(', ')}</span>
      {behind > 0 && (
        <Text size="xs" className="dim">
          {behind} with an earlier text
        </Text>
      )}
    </Stack>
  );
}

const counted = (n: number, noun: string): string | null =>
  n === 0 ? null : `${n} ${noun}${n === 1 ? '' : 's'}`;
