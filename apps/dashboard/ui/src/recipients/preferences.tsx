import type { Cap, Preferences } from '@carillon/client/api-types';
import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { Loading } from '../elements/data-table.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { fromLocalInput, Time, toLocalInput, ZONE } from '../elements/time.tsx';
import { CHANNEL_WORDS } from '../suppressions/words.ts';
import { CategoryWishes, type KnownCategory, wishesOf, wishFields } from './category-wishes.tsx';

/** What a person wants to get, and when; changed for those who may. */
export function PreferencesTab({ id }: { id: string }) {
  const { tenant } = useHere();
  const may = useMay();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'preferences', id],
    queryFn: ({ signal }) => call('getPreferences', { path: { recipient_id: id } }, { signal }),
    // A form must not change below the person who fills it in.
    refetchOnWindowFocus: false,
  });
  const categories = useQuery({
    queryKey: [tenant.app, tenant.environment, 'categories', 'names'],
    queryFn: ({ signal }) => call('listCategories', { query: { limit: 200 } }, { signal }),
    enabled: may('categories:read'),
  });
  if (query.isPending || categories.isLoading) return <Loading />;
  if (query.data === undefined)
    return <ProblemAlert error={query.error} retry={() => void query.refetch()} />;
  const known = categories.data?.data.filter(({ name }) => name !== '*') ?? [];
  return <PreferencesForm key={query.dataUpdatedAt} id={id} given={query.data} known={known} />;
}

interface CapFields {
  channel: string | null;
  category: string;
  max: number | '';
  window_seconds: number | '';
}

function PreferencesForm(props: { id: string; given: Preferences; known: readonly KnownCategory[] }) {
  const { id, given, known } = props;
  const may = useMay();
  const { tenant } = useHere();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const readOnly = !may('recipients:*');
  const others = Object.keys(given.categories).filter((name) => known.every((each) => each.name !== name));
  const rows = [...known, ...others.map((name) => ({ name, default: true, lock: false }))];
  const pausedNow = given.paused_until !== null && Date.parse(given.paused_until) > Date.now();
  const form = useForm({
    mode: 'controlled',
    initialValues: {
      channels: given.channels,
      categories: rows
        .map(({ name, default: isOn, lock }) =>
          wishFields({ name, default: isOn, lock }, given.categories[name]),
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      paused_until: pausedNow ? toLocalInput(given.paused_until!) : '',
      quiet: given.quiet_hours !== null,
      quiet_hours: given.quiet_hours ?? { start: '22:00', end: '07:00', time_zone: ZONE },
      caps: given.caps.map(fieldsOf),
    },
  });
  const submit = form.onSubmit(async (values) => {
    setError(null);
    try {
      const body = {
        channels: values.channels,
        categories: wishesOf(values.categories),
        quiet_hours: values.quiet ? values.quiet_hours : null,
        caps: values.caps.map(capOf),
        // Unchanged it stays to the second.
        ...(form.isDirty('paused_until') && {
          paused_until: values.paused_until === '' ? null : fromLocalInput(values.paused_until),
        }),
      };
      const answer = await call('putPreferences', { path: { recipient_id: id }, body });
      queries.setQueryData([tenant.app, tenant.environment, 'preferences', id], answer);
      await queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'recipient', id] });
      notifications.show({ message: 'The preferences are saved, also for what is not sent yet.' });
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <form onSubmit={submit}>
      <Fieldset disabled={readOnly} variant="unstyled">
        <Stack gap="lg" maw="46rem">
          <Text size="sm" className="dim" component="div">
            {given.updated_at === null ? (
              'The person never said anything: everything is wanted, at any time.'
            ) : (
              <>
                Last changed <Time at={given.updated_at} />
              </>
            )}
          </Text>
          <Fieldset legend="Channels">
            <Group gap="lg">
              {(Object.keys(CHANNEL_WORDS) as (keyof typeof CHANNEL_WORDS)[]).map((channel) => (
                <Checkbox
                  key={channel}
                  label={CHANNEL_WORDS[channel]}
                  {...form.getInputProps(`channels.${channel}`, { type: 'checkbox' })}
                />
              ))}
            </Group>
            <Text size="xs" className="dim" mt="xs">
              A channel that is off is not used, also for critical messages, unless a category makes an
              exception.
            </Text>
          </Fieldset>
          <Fieldset legend="Categories">
            <CategoryWishes form={form} />
          </Fieldset>
          <Fieldset legend="Pause">
            <TextInput
              type="datetime-local"
              label="Hold all messages until"
              description={`In ${ZONE}; critical ones are sent at once. Empty: no pause.`}
              w={300}
              {...form.getInputProps('paused_until')}
            />
          </Fieldset>
          <Fieldset legend="Quiet hours">
            <Switch
              label="Hold messages back in these hours, critical ones excepted"
              {...form.getInputProps('quiet', { type: 'checkbox' })}
            />
            {form.values.quiet && (
              <Group align="start" mt="sm">
                <TextInput type="time" label="From" w={145} {...form.getInputProps('quiet_hours.start')} />
                <TextInput type="time" label="Until" w={145} {...form.getInputProps('quiet_hours.end')} />
                <TextInput
                  label="Time zone"
                  description="Where the person lives."
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  {...form.getInputProps('quiet_hours.time_zone')}
                />
              </Group>
            )}
          </Fieldset>
          <Fieldset legend="Limits">
            <Stack gap="sm">
              {form.values.caps.length === 0 && (
                <Text size="sm">No limit: everything that is wanted is sent.</Text>
              )}
              {form.values.caps.map((_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: limits have no names
                <Group key={index} align="end" gap="sm">
                  <NumberInput label="At most" min={1} w={100} {...form.getInputProps(`caps.${index}.max`)} />
                  <NumberInput
                    label="in seconds"
                    min={1}
                    w={130}
                    {...form.getInputProps(`caps.${index}.window_seconds`)}
                  />
                  <Select
                    label="by"
                    placeholder="any channel"
                    clearable
                    w={140}
                    data={Object.entries(CHANNEL_WORDS).map(([value, label]) => ({ value, label }))}
                    {...form.getInputProps(`caps.${index}.channel`)}
                  />
                  <TextInput
                    label="of the category"
                    placeholder="any"
                    w={150}
                    {...form.getInputProps(`caps.${index}.category`)}
                  />
                  <ActionIcon
                    variant="default"
                    size="lg"
                    aria-label={`Remove limit ${index + 1}`}
                    onClick={() => form.removeListItem('caps', index)}
                  >
                    <span aria-hidden>×</span>
                  </ActionIcon>
                </Group>
              ))}
              <div>
                <Button
                  variant="default"
                  size="xs"
                  onClick={() =>
                    form.insertListItem('caps', {
                      channel: null,
                      category: '',
                      max: 3,
                      window_seconds: 86_400,
                    })
                  }
                >
                  Add a limit
                </Button>
              </div>
            </Stack>
          </Fieldset>
          {error !== null && <ProblemAlert error={error} />}
          {!readOnly && (
            <div>
              <Button type="submit" loading={form.submitting}>
                Save the preferences
              </Button>
            </div>
          )}
        </Stack>
      </Fieldset>
    </form>
  );
}

const fieldsOf = ({ channel, category, max, window_seconds }: Cap): CapFields => ({
  channel: channel ?? null,
  category: category ?? '',
  max,
  window_seconds,
});

const capOf = ({ channel, category, max, window_seconds }: CapFields): Cap => ({
  ...(channel !== null && { channel: channel as NonNullable<Cap['channel']> }),
  ...(category.trim() !== '' && { category: category.trim() }),
  max: Number(max),
  window_seconds: Number(window_seconds),
});
