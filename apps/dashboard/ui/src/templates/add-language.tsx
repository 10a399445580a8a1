import { CHANNELS, type Channel } from '@carillon/core/notification/channel';

import { isLanguageTag } from '@carillon/core/recipient/locale';
import type { DraftTexts, SourceContent } from '@carillon/core/template/draft';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { CHANNEL_NAMES, emptyText } from './texts.ts';

/**
 * Adds a channel or a language; a further language begins with the text of the first one.
 *
 * @param only the channel of what has no other.
 */
export function AddLanguage({
  texts,
  channel,
  only,
  onAdd,
}: {
  texts: DraftTexts;
  channel: Channel | null;
  only?: Channel;
  onAdd(channel: Channel, locale: string, content: SourceContent): void;
}) {
  const title = only === undefined ? 'Add a channel or language' : 'Add a language';
  const [opened, { open, close }] = useDisclosure();
  const form = useForm({
    initialValues: { channel: only ?? channel ?? 'email', locale: '' },
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
        {title}
      </Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={add}>
          <Stack>
            {only === undefined && (
              <Select
                label="Channel"
                data={CHANNELS.map((each) => ({ value: each, label: CHANNEL_NAMES[each] }))}
                allowDeselect={false}
                {...form.getInputProps('channel')}
              />
            )}
            <TextInput
              label="Language"
              description={
                only === undefined
                  ? 'en is what people get whose own language is not there.'
                  : 'Its texts take the place of those for all languages.'
              }
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
