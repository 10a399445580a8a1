import { Button, Group, Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { EndpointFields, type EndpointValues, fieldsOf } from './endpoint-fields.tsx';
import { SecretOnce } from './secret.tsx';

/** Registers an endpoint and shows its secret once. */
export function NewEndpoint() {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const queries = useQueryClient();
  const form = useForm<EndpointValues>({
    mode: 'controlled',
    initialValues: { url: '', description: '', event_types: [] },
  });
  const submit = form.onSubmit(async (values) => {
    setError(null);
    try {
      const made = await call('createWebhookEndpoint', { body: fieldsOf(values) });
      setSecret(made.secret);
      form.reset();
      await queries.invalidateQueries();
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button
        onClick={() => {
          setSecret(null);
          open();
        }}
      >
        New endpoint
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        // The secret is shown once: a click beside it must not close it.
        closeOnClickOutside={secret === null}
        title="New webhook endpoint"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {secret === null ? (
          <form onSubmit={submit}>
            <Stack>
              <EndpointFields form={form} />
              {error !== null && <ProblemAlert error={error} />}
              <Group justify="end">
                <Button variant="default" onClick={close}>
                  Leave it
                </Button>
                <Button type="submit" loading={form.submitting}>
                  Register it
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Stack>
            <SecretOnce secret={secret} />
            <Group justify="end">
              <Button onClick={close}>I have copied it</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
