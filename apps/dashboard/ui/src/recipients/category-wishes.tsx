import type { CategoryWish } from '@carillon/client/api-types';
import { Checkbox, Group, NativeSelect, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { CHANNEL_WORDS } from '../suppressions/words.ts';

type Channel = keyof typeof CHANNEL_WORDS;
const CHANNELS = Object.keys(CHANNEL_WORDS) as Channel[];

/** What the app says about a category for everybody. */
export interface KnownCategory {
  name: string;
  default: boolean;
  lock: boolean;
}

/** What a person said about a category, as the form holds it. */
export interface WishFields extends KnownCategory {
  said: 'nothing' | 'on' | 'off' | 'channels';
  cells: Record<Channel, boolean>;
  /** Cells that were on by themselves: exceptions from channels that are off. */
  exceptions: readonly Channel[];
}

/** A row for each category: as a whole, or channel by channel. */
export function CategoryWishes<Values extends { categories: WishFields[] }>({
  form,
}: {
  form: UseFormReturnType<Values>;
}) {
  if (form.values.categories.length === 0) return <Text size="sm">The app has no categories.</Text>;
  return (
    <Stack gap="sm">
      {form.values.categories.map(({ name, said, lock, default: isOn }, index) => (
        <Group key={name} align="end" gap="lg">
          <NativeSelect
            label={name}
            description={lock ? 'Locked: always sent; what is chosen counts when it is unlocked.' : undefined}
            w={250}
            data={[
              { value: 'nothing', label: `Nothing said: ${isOn ? 'on' : 'off'} by default` },
              { value: 'on', label: 'On' },
              { value: 'off', label: 'Off' },
              { value: 'channels', label: 'By channel' },
            ]}
            {...form.getInputProps(`categories.${index}.said`)}
          />
          {said === 'channels' &&
            CHANNELS.map((channel) => (
              <Checkbox
                key={channel}
                pb={8}
                label={CHANNEL_WORDS[channel]}
                aria-label={`${name}: ${CHANNEL_WORDS[channel]}`}
                {...form.getInputProps(`categories.${index}.cells.${channel}`, { type: 'checkbox' })}
              />
            ))}
        </Group>
      ))}
    </Stack>
  );
}

export function wishFields(category: KnownCategory, wish: CategoryWish | undefined): WishFields {
  const byChannel = typeof wish === 'object' ? wish : {};
  const whole = typeof wish === 'object' ? category.default : (wish ?? category.default);
  return {
    ...category,
    said: wish === undefined ? 'nothing' : typeof wish === 'object' ? 'channels' : wish ? 'on' : 'off',
    cells: Object.fromEntries(
      CHANNELS.map((channel) => [channel, byChannel[channel] ?? whole]),
    ) as WishFields['cells'],
    exceptions: CHANNELS.filter((channel) => byChannel[channel] === true),
  };
}

/** A cell that is on is stored only where nothing else would switch it on: it would make an exception from its channel. */
export function wishesOf(rows: readonly WishFields[]): Record<string, CategoryWish> {
  return Object.fromEntries(
    rows.flatMap(({ name, said, cells, exceptions, default: isOn }): [string, CategoryWish][] => {
      if (said === 'nothing') return [];
      if (said !== 'channels') return [[name, said === 'on']];
      const kept = CHANNELS.filter((channel) => !cells[channel] || !isOn || exceptions.includes(channel));
      return [[name, Object.fromEntries(kept.map((channel) => [channel, cells[channel]]))]];
    }),
  );
}
