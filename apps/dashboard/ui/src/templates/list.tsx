import type { ListedTemplate } from '@carillon/client/api-types';
import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { curlOf, Empty } from '../elements/empty.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';

const COLUMNS: readonly Column<ListedTemplate>[] = [
  {
    title: 'Template',
    cell: ({ key }) => (
      <Anchor component={Link} to={`/templates/${encodeURIComponent(key)}`}>
        {key}
      </Anchor>
    ),
  },
  {
    title: 'Published',
    cell: ({ version }) =>
      version === 0 ? <Mark tone="neutral">never</Mark> : <Mark tone="good">version {version}</Mark>,
  },
  {
    title: 'Draft',
    cell: ({ draft }) =>
      draft === null ? (
        <span className="dim">none</span>
      ) : (
        <Stack gap={0}>
          <Time at={draft.updated_at} />
          <Text size="xs" className="dim">
            {draft.updated_by}
          </Text>
        </Stack>
      ),
  },
  {
    title: 'Texts',
    cell: ({ channels }) => (
      <Stack gap={0}>
        {Object.entries(channels).map(([channel, locales]) => (
          <Text key={channel} size="sm">
            {channel}: {(locales ?? []).join(', ')}
          </Text>
        ))}
      </Stack>
    ),
  },
  { title: 'Changed', cell: ({ updated_at }) => <Time at={updated_at} />, wideOnly: true },
];

export default function Templates() {
  const query = usePages<ListedTemplate>(['templates'], (cursor, signal) =>
    call('listTemplates', { query: { cursor, drafts: 'true' } }, { signal }),
  );
  const may = useMay();
  return (
    <PageFrame
      title="Templates"
      description="Texts by channel and language. What is published is what new messages get."
      actions={may('templates:*') && <NewTemplate />}
    >
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ key }) => key}
        label="Templates"
        empty={
          <Empty
            title="There are no templates yet"
            curl={curlOf('PUT', '/v1/templates/order_shipped', {
              channels: {
                email: { en: { subject: 'Order {{ order }} is on its way', text: 'Hi {{ name }}!' } },
              },
            })}
          >
            Write the first one here, or publish one by the API:
          </Empty>
        }
      />
    </PageFrame>
  );
}

function NewTemplate() {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { key: '' },
    validate: { key: (key) => (key.trim() === '' ? 'Give it a name.' : null) },
  });
  const go = form.onSubmit(({ key }) => {
    close();
    void navigate({ to: `/templates/${encodeURIComponent(key.trim())}` });
  });
  return (
    <>
      <Button onClick={open}>New template</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="New template"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={go}>
          <Stack>
            <TextInput
              label="Name"
              description="Programs send it by this name, so it never changes: order_shipped"
              required
              data-autofocus
              {...form.getInputProps('key')}
            />
            <Group justify="end">
              <Button type="submit">Write it</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
