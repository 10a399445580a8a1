import type { CreateCampaignRequest } from '@carillon/client/api-types';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { call } from '../api/call.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';

/**
 * Begins a draft by its name; the rest is written on its page.
 *
 * @param fields what the draft has from the beginning: a follow-up has the texts of another campaign.
 */
export function NewCampaign({
  label = 'New campaign',
  name = '',
  fields = {},
  variant = 'filled',
}: {
  label?: string;
  name?: string;
  fields?: Partial<CreateCampaignRequest>;
  variant?: 'filled' | 'default';
}) {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  // The same form sent twice is one draft.
  const once = useRef(crypto.randomUUID());
  const form = useForm({
    initialValues: { name },
    validate: { name: (text) => (text.trim() === '' ? 'Give it a name.' : null) },
  });
  const create = form.onSubmit(async (values) => {
    setError(null);
    try {
      const body = { ...fields, name: values.name.trim(), idempotency_key: once.current };
      const { id } = await call('createCampaign', { body });
      once.current = crypto.randomUUID();
      close();
      void navigate({ to: `/campaigns/${id}/edit` });
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button onClick={open} variant={variant}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={label} closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={create}>
          <Stack>
            <TextInput
              label="Name"
              description="For your colleagues; recipients do not see it."
              required
              maxLength={200}
              data-autofocus
              {...form.getInputProps('name')}
            />
            {error !== null && <ProblemAlert error={error} />}
            <Group justify="end">
              <Button type="submit" loading={form.submitting}>
                Begin
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
