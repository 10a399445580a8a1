import type { Category } from '@carillon/client/api-types';
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

const COLUMNS: readonly Column<Category>[] = [
  {
    title: 'Category',
    cell: ({ name }) => (
      <Anchor component={Link} to={`/categories/${encodeURIComponent(name)}`}>
        {name === '*' ? 'all others (*)' : name}
      </Anchor>
    ),
  },
  {
    title: 'Titles',
    cell: ({ titles }) =>
      Object.keys(titles).length === 0 ? (
        <span className="dim">none: people see the name</span>
      ) : (
        <Stack gap={0}>
          {Object.entries(titles).map(([locale, title]) => (
            <Text key={locale} size="sm">
              <span className="dim">{locale}</span> {title}
            </Text>
          ))}
        </Stack>
      ),
  },
  {
    title: 'Opting out',
    cell: (category) => <Mark tone={category.lock ? 'doubt' : 'neutral'}>{choiceOf(category)}</Mark>,
  },
  { title: 'Changed', cell: ({ updated_at }) => <Time at={updated_at} />, wideOnly: true },
];

function choiceOf({ lock, default: on, unsubscribable }: Category): string {
  if (lock) return 'impossible';
  if (!on) return 'has to be opted in to';
  return unsubscribable ? 'possible, with a link' : 'possible by the app only';
}

export default function Categories() {
  const query = usePages<Category>(['categories'], (cursor, signal) =>
    call('listCategories', { query: { cursor } }, { signal }),
  );
  const may = useMay();
  return (
    <PageFrame
      title="Categories"
      description="Kinds of messages: what people can choose, and how each kind is treated."
      actions={may('categories:*') && <NewCategory />}
    >
      <DataTable
        query={query}
        columns={COLUMNS}
        rowKey={({ name }) => name}
        label="Categories"
        empty={
          <Empty
            title="No category has settings"
            curl={curlOf('PUT', '/v1/categories/offers', {
              delivery_policy: 'resolve',
              unsubscribable: true,
              titles: { en: 'Special offers', de: 'Angebote' },
            })}
          >
            A send may name any category. Give one settings to let people opt out of it by a title in their
            language:
          </Empty>
        }
      />
    </PageFrame>
  );
}

function NewCategory() {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  return (
    <>
      <Button onClick={open}>New category</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="New category"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          onSubmit={form.onSubmit(({ name }) => {
            close();
            void navigate({ to: `/categories/${encodeURIComponent(name.trim().toLowerCase())}` });
          })}
        >
          <Stack>
            <TextInput
              label="Name"
              description="As sends name it: offers, security. * stands for all that have no settings."
              required
              data-autofocus
              {...form.getInputProps('name')}
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
