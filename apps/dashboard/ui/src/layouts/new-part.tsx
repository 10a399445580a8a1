import { PART_KINDS, type PartKind } from '@carillon/core/template/compile/parts';
import { Button, Group, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { pathOf } from './operations.ts';

/** Names a layout or partial and opens its editor. Nothing is stored before it is published. */
export function NewPart() {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { kind: 'layout' as PartKind, key: '' },
    validate: {
      key: (key) =>
        key.trim() === ''
          ? 'Give it a name.'
          : /["']/.test(key)
            ? 'A quote would end the name where a text puts it in. Leave it out.'
            : null,
    },
  });
  const go = form.onSubmit(({ kind, key }) => {
    close();
    void navigate({ to: pathOf(kind, key.trim()) });
  });
  return (
    <>
      <Button onClick={open}>New layout or partial</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="New layout or partial"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={go}>
          <Stack>
            <SegmentedControl
              aria-label="Kind"
              data={PART_KINDS.map((kind) => ({ value: kind, label: KIND_NAMES[kind] }))}
              {...form.getInputProps('kind')}
            />
            <TextInput
              label="Name"
              description="Templates name it, so it never changes: base, footer"
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

const KIND_NAMES: Readonly<Record<PartKind, string>> = { layout: 'Layout', partial: 'Partial' };
