import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { STATE_WORDS } from '@carillon/core/notification/wording';
import { Button, Collapse, Group, MultiSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { fromLocalInput, toLocalInput } from '../elements/time.tsx';
import { countOf, FILTER_TITLES, type Filter, type FilterName } from './filters.ts';

const CHANNEL_NAMES: Record<string, string> = { email: 'E-mail', sms: 'SMS', push: 'Push', in_app: 'In-app' };
const FURTHER: readonly FilterName[] = [
  'category',
  'template',
  'provider',
  'error',
  'recipient_id',
  'campaign_id',
  'provider_message_id',
  'idempotency_key',
];
const TIMES: readonly FilterName[] = ['created_after', 'created_before', 'send_at_after', 'send_at_before'];

/** The filters of the list; all of them stand in the address. Texts count once they are left or Enter is pressed. */
export function FilterBar({
  filter,
  change,
}: {
  filter: Filter;
  change(next: Partial<Record<FilterName, string | undefined>>): void;
}) {
  const hidden = [...FURTHER, ...TIMES].some((name) => filter[name] !== undefined);
  const [opened, { toggle }] = useDisclosure(hidden);
  const text = (name: FilterName) => (
    <FilterText key={name} name={name} value={filter[name]} commit={(value) => change({ [name]: value })} />
  );
  return (
    <search>
      <Stack gap="xs">
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="xs">
          <Several
            name="status"
            values={STATES.map((value) => ({ value, label: STATE_WORDS[value].title }))}
            {...{ filter, change }}
          />
          <Several
            name="channel"
            values={CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value]! }))}
            {...{ filter, change }}
          />
          <Several name="priority" values={[...PRIORITIES]} {...{ filter, change }} />
          {text('address')}
        </SimpleGrid>
        <Collapse expanded={opened}>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="xs">
            {FURTHER.map(text)}
            {TIMES.map((name) => (
              <TextInput
                key={name}
                type="datetime-local"
                label={FILTER_TITLES[name]}
                size="xs"
                value={filter[name] === undefined ? '' : toLocalInput(filter[name])}
                onChange={({ currentTarget: { value } }) =>
                  change({ [name]: value === '' ? undefined : fromLocalInput(value) })
                }
              />
            ))}
          </SimpleGrid>
        </Collapse>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={toggle} aria-expanded={opened}>
            {opened ? 'Fewer filters' : 'More filters'}
          </Button>
          {countOf(filter) > 0 && (
            <Button
              size="xs"
              variant="default"
              onClick={() => change(Object.fromEntries(Object.keys(filter).map((name) => [name, undefined])))}
            >
              Clear all filters
            </Button>
          )}
        </Group>
      </Stack>
    </search>
  );
}

function Several({
  name,
  values,
  filter,
  change,
}: {
  name: 'status' | 'channel' | 'priority';
  values: (string | { value: string; label: string })[];
  filter: Filter;
  change(next: Partial<Record<FilterName, string | undefined>>): void;
}) {
  const chosen = filter[name]?.split(',') ?? [];
  return (
    <MultiSelect
      label={FILTER_TITLES[name]}
      size="xs"
      data={values}
      value={chosen}
      placeholder={chosen.length === 0 ? 'any' : ''}
      onChange={(next) => change({ [name]: next.length === 0 ? undefined : next.join(',') })}
      clearable
      clearButtonProps={{ 'aria-label': `Any ${FILTER_TITLES[name].toLowerCase()}` }}
      hidePickedOptions
    />
  );
}

function FilterText({
  name,
  value = '',
  commit,
}: {
  name: FilterName;
  value: string | undefined;
  commit(value: string | undefined): void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = () => {
    const trimmed = text.trim();
    if (trimmed !== value) commit(trimmed === '' ? undefined : trimmed);
  };
  return (
    <TextInput
      label={FILTER_TITLES[name]}
      size="xs"
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={done}
      onKeyDown={({ key }) => key === 'Enter' && done()}
    />
  );
}
