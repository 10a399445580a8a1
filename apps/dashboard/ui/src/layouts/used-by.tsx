import type { TemplatePart } from '@carillon/client/api-types';
import type { PartKind } from '@carillon/core/template/compile/parts';
import { Anchor, Group, List, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../api/session.tsx';
import { type Column, RowsTable } from '../elements/data-table.tsx';
import { Empty } from '../elements/empty.tsx';
import { Mark } from '../elements/mark.tsx';
import { pathOf } from './operations.ts';
import { PublishAgain } from './publish-again.tsx';
import { templatePath } from './template-links.tsx';

type UsingTemplate = TemplatePart['used_by']['templates'][number];

/** What uses a part, by name. */
export interface Users {
  templates: string[];
  drafts: string[];
  /** How many templates, drafts, layouts and partials. */
  count: number;
}

export function usersOf(part: TemplatePart | null): Users {
  if (part === null) return { templates: [], drafts: [], count: 0 };
  const { templates, drafts, layouts, partials } = part.used_by;
  return {
    templates: templates.map(({ key }) => key),
    drafts,
    count: templates.length + drafts.length + layouts.length + partials.length,
  };
}

/** What uses a layout or partial, and which templates have an earlier text of it. */
export function UsedBy({
  kind,
  part,
  onPublished,
}: {
  kind: PartKind;
  part: TemplatePart;
  onPublished(): Promise<void>;
}) {
  const may = useMay();
  const { templates, drafts, layouts, partials } = part.used_by;
  if (usersOf(part).count === 0)
    return (
      <Empty title="Nothing uses it">
        {kind === 'layout'
          ? 'Choose it in the editor of a template, beside “Written in”.'
          : 'Put it in with “Insert a partial” in the editor of a template.'}
      </Empty>
    );
  const behind = templates.filter(({ current }) => !current).map(({ key }) => key);
  const columns: Column<UsingTemplate>[] = [
    {
      title: 'Template',
      cell: ({ key }) => (
        <Anchor component={Link} to={templatePath(key)}>
          {key}
        </Anchor>
      ),
    },
    { title: 'Published', cell: ({ version }) => `version ${version}` },
    {
      title: `Its ${kind}`,
      cell: ({ current }) =>
        current ? <Mark tone="good">as it is now</Mark> : <Mark tone="waiting">an earlier text</Mark>,
    },
    {
      title: 'Actions',
      cell: ({ key, current }) =>
        !current &&
        may('templates:*') && (
          <PublishAgain keys={[key]} label={`Publish ${key} again`} onPublished={onPublished} size="xs" />
        ),
    },
  ];
  return (
    <Stack gap="lg">
      {templates.length > 0 && (
        <Stack gap="sm" component="section" aria-label="Templates">
          <Group justify="space-between">
            <Title order={2}>Templates</Title>
            {behind.length > 1 && may('templates:*') && (
              <PublishAgain
                keys={behind}
                label={`Publish all ${behind.length} again`}
                onPublished={onPublished}
              />
            )}
          </Group>
          <Text size="sm">
            A template keeps the {kind} that it was published with until it is published again.
          </Text>
          <RowsTable
            rows={templates}
            columns={columns}
            rowKey={({ key }) => key}
            label={`Templates with this ${kind}`}
          />
        </Stack>
      )}
      <Names title="Drafts of templates" keys={drafts} to={templatePath} />
      <Names title="Layouts" keys={layouts} to={(key) => pathOf('layout', key)} />
      <Names title="Partials" keys={partials} to={(key) => pathOf('partial', key)} />
      <Text size="sm" className="dim">
        It can be deleted once nothing uses it.
      </Text>
    </Stack>
  );
}

function Names({ title, keys, to }: { title: string; keys: readonly string[]; to(key: string): string }) {
  if (keys.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Title order={2}>{title}</Title>
      <List>
        {keys.map((key) => (
          <List.Item key={key}>
            <Anchor component={Link} to={to(key)}>
              {key}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
