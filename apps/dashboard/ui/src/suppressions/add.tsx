import type { Suppression } from '@carillon/client/api-types';
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { CHANNEL_WORDS, REASON_WORDS } from './words.ts';

const REASONS = ['manual', 'bounce', 'complaint', 'stop', 'unsubscribe'] as const;

/** A form that suppresses an address by hand. */
export function AddSuppression() {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { channel: 'email', address: '', reason: 'manual', detail: '' },
  });
  const submit = form.onSubmit(async ({ channel, address, reason, detail }) => {
    setError(null);
    try {
      await call('addSuppression', {
        body: {
          channel: channel as Suppression['channel'],
          address: address.trim(),
          reason: reason as (typeof REASONS)[number],
          ...(detail.trim() !== '' && { detail: detail.trim() }),
        },
      });
      await queries.invalidateQueries();
      notifications.show({ message: 'Nothing is sent to this address any more.' });
      form.reset();
      close();
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button onClick={open}>Suppress an address</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="Suppress an address"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit}>
          <Stack>
            <Select
              label="Channel"
              data={Object.entries(CHANNEL_WORDS).map(([value, label]) => ({ value, label }))}
              allowDeselect={false}
              key={form.key('channel')}
              {...form.getInputProps('channel')}
            />
            <TextInput
              label="Address"
              description="E-mail address, phone number with country code, device token; for In-app the recipient's id."
              required
              key={form.key('address')}
              {...form.getInputProps('address')}
            />
            <Select
              label="Reason"
              data={REASONS.map((value) => ({ value, label: REASON_WORDS[value] }))}
              allowDeselect={false}
              key={form.key('reason')}
              {...form.getInputProps('reason')}
            />
            <TextInput
              label="Remark"
              description="For people: which request, which list. Not the address."
              maxLength={500}
              key={form.key('detail')}
              {...form.getInputProps('detail')}
            />
            {error !== null && <ProblemAlert error={error} />}
            <Group justify="end">
              <Button variant="default" onClick={close}>
                Leave it
              </Button>
              <Button type="submit" loading={form.submitting}>
                Suppress it
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
