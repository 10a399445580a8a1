import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import { Button, Group, Modal, MultiSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { fromLocalInput, toLocalInput, ZONE } from '../elements/time.tsx';

const DAY_MS = 24 * 3600_000;

/** Sends the events of a range of time again. */
export function Replay({ id }: { id: string }) {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState<number | null>(null);
  const queries = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { from: toLocalInput(new Date(Date.now() - DAY_MS)), to: '', event_types: [] as string[] },
  });
  const submit = form.onSubmit(async ({ from, to, event_types }) => {
    setError(null);
    try {
      const { events } = await call('replayWebhookEvents', {
        path: { id },
        body: {
          from: fromLocalInput(from),
          ...(to !== '' && { to: fromLocalInput(to) }),
          ...(event_types.length > 0 && { event_types: event_types as EventType[] }),
        },
      });
      setSaid(events);
      await queries.invalidateQueries();
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setSaid(null);
          open();
        }}
      >
        Replay events
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Send events again"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {said === null ? (
          <form onSubmit={submit}>
            <Stack>
              <Text size="sm">
                For a receiver that lost them, or was disabled when they happened. They come with the ids they
                had, within half a minute. Receivers that drop repeated ids are not confused.
              </Text>
              <TextInput
                type="datetime-local"
                label="From"
                description={`In ${ZONE}.`}
                required
                key={form.key('from')}
                {...form.getInputProps('from')}
              />
              <TextInput
                type="datetime-local"
                label="Until"
                description="Empty is now."
                key={form.key('to')}
                {...form.getInputProps('to')}
              />
              <MultiSelect
                label="Events"
                description="None chosen is every event."
                searchable
                clearable
                data={Object.keys(EVENT_TYPES)}
                key={form.key('event_types')}
                {...form.getInputProps('event_types')}
              />
              {error !== null && <ProblemAlert error={error} />}
              <Group justify="end">
                <Button variant="default" onClick={close}>
                  Leave it
                </Button>
                <Button type="submit" loading={form.submitting}>
                  Send them again
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Stack>
            <Text size="sm" role="status">
              {said === 0 ? 'There was no event in this range.' : `${said} events are sent again.`}
            </Text>
            <Group justify="end">
              <Button onClick={close}>Close</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
