import { KEY_SCOPES, type KeyScope } from '@carillon/core/access/access';
import { Button, Group, Modal, MultiSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { fromLocalInput, ZONE } from '../elements/time.tsx';

/** A form for a new key. Offered are the scopes that the person has: nobody can give others. */
export function MakeKey({ onMade }: { onMade(key: { key: string; name: string }): Promise<unknown> }) {
  const { tenant } = useHere();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      name: '',
      scopes: ['notifications:write'] as string[],
      rate_per_second: '' as number | '',
      expires_at: '',
    },
    validate: {
      name: (text) => (text.trim() === '' ? 'Say which program has it.' : null),
      scopes: (list) => (list.length === 0 ? 'Give one at least.' : null),
    },
  });
  const submit = form.onSubmit(async ({ name, scopes, rate_per_second, expires_at }) => {
    setError(null);
    try {
      const { key } = await call('createApiKey', {
        body: {
          name: name.trim(),
          environment: tenant.environment,
          scopes: scopes as KeyScope[],
          ...(rate_per_second !== '' && { rate_per_second }),
          ...(expires_at !== '' && { expires_at: fromLocalInput(expires_at) }),
        },
      });
      close();
      form.reset();
      await onMade({ key, name: name.trim() });
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button onClick={open}>Make a key</Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`A ${tenant.environment} key`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit}>
          <Stack>
            {error !== null && <ProblemAlert error={error} />}
            <TextInput
              label="Name"
              description="Which program has it."
              required
              data-autofocus
              {...form.getInputProps('name')}
            />
            <MultiSelect
              label="Scopes"
              description="What the program may do."
              data={KEY_SCOPES.filter((scope) => may(scope))}
              searchable
              required
              {...form.getInputProps('scopes')}
            />
            <NumberInput
              label="Requests per second"
              description="Left empty: the default of the installation."
              min={1}
              max={10_000_000}
              allowDecimal={false}
              {...form.getInputProps('rate_per_second')}
            />
            <TextInput
              label="Ends"
              description={`In ${ZONE}. Left empty: when it is revoked.`}
              type="datetime-local"
              {...form.getInputProps('expires_at')}
            />
            {tenant.environment === 'test' && <Text size="sm">A test key reaches only the simulator.</Text>}
            <Group justify="end">
              <Button type="submit" loading={form.submitting}>
                Make it
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
