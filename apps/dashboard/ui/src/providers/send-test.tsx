import type { ProviderAccount } from '@carillon/client/api-types';
import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { callLive } from '../api/call.ts';
import { ProblemAlert } from '../elements/problem.tsx';

const ASKED: Readonly<Record<ProviderAccount['channel'], { label: string; to(text: string): object }>> = {
  email: { label: 'E-mail address', to: (email) => ({ email }) },
  sms: { label: 'Phone number with country code', to: (phone) => ({ phone }) },
  push: { label: 'Id of a recipient with a device', to: (recipient_id) => ({ recipient_id }) },
  in_app: { label: 'Id of a recipient', to: (recipient_id) => ({ recipient_id }) },
};

/** Sends a real message through one account and no other. */
export function SendTest({ account }: { account: ProviderAccount }) {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const [sent, setSent] = useState<string | null>(null);
  const { label, to } = ASKED[account.channel];
  const form = useForm({ mode: 'uncontrolled', initialValues: { to: '' } });
  const submit = form.onSubmit(async (values) => {
    setError(null);
    try {
      const body = { to: to(values.to.trim()) };
      const { id } = await callLive('testProviderAccount', { path: { account: account.id }, body });
      setSent(id);
    } catch (failure) {
      setError(failure);
    }
  });
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setSent(null);
          setError(null);
          open();
        }}
      >
        Send a test
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Send a test through ${account.id}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {sent === null ? (
          <form onSubmit={submit}>
            <Stack>
              <Text size="sm">
                A real message, through this account and no other. It expires after ten minutes: what the
                account does not take is not sent through another one.
              </Text>
              <TextInput label={label} required key={form.key('to')} {...form.getInputProps('to')} />
              {error !== null && <ProblemAlert error={error} />}
              <Group justify="end">
                <Button variant="default" onClick={close}>
                  Leave it
                </Button>
                <Button type="submit" loading={form.submitting}>
                  Send it
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Stack>
            <Text size="sm" role="status">
              The test is accepted.{' '}
              <Anchor component={Link} to="/notifications/$id" params={{ id: sent } as never}>
                See what becomes of it
              </Anchor>
            </Text>
            <Group justify="end">
              <Button variant="default" onClick={close}>
                Close
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
