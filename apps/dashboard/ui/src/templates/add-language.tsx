import { CHANNELS, type Channel } from '@carillon/core/notification/channel';

import { isLanguageTag } from '@carillon/core/recipient/locale';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { CHANNEL_NAMES, emptyText } from './texts.ts';

/** Adds a channel or a language; a further language begins with the text of the first one. */
export function AddLanguage({
  texts,
  channel,
  onAdd,
}: {
  texts: DraftTexts;
  channel: Channel | null;
  onAdd(channel: Channel, locale: string, content: SourceContent): void;
}) {
  const [opened, { open, close }] = useDisclosure();
  const form = useForm({
    initialValues: { channel: channel ?? 'email', locale: '' },
    validate: {
      locale: (locale, values) => {
        if (!isLanguageTag(locale.trim())) return 'Write a language such as en, de or pt-BR.';
        const has = Object.keys(texts[values.channel as Channel] ?? {});
        return has.some((each) => each.toLowerCase() === locale.trim().toLowerCase())
          ? 'There is a text in this language already.'
          : null;
      },
    },
  });
  const add = form.onSubmit((values) => {
    const to = values.channel as Channel;
    const [first] = Object.values(texts[to] ?? {});
    onAdd(to, values.locale.trim(), first ?? emptyText(to));
    close();
    form.reset();
  });
  return (
    <>
      <Button variant="default" onClick={open}>
        Add a channel or language
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Add a channel or language"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={add}>
          <Stack>
            <Select
              label="Channel"
              data={CHANNELS.map((each) => ({ value: each, label: CHANNEL_NAMES[each] }))}
              allowDeselect={false}
              {...form.getInputProps('channel')}
            />
            <TextInput
              label="Language"
              description="en is what people get whose own language is not there."
              placeholder="en"
              required
              {...form.getInputProps('locale')}
            />
            <Group justify="end">
              <Button type="submit">Add</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
