import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CarillonError, call } from '../api/call.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { audiencePath } from './used-by.tsx';

/** Begins an audience: a filter is written on its page before it is saved, a list is made empty and filled there. */
export function NewAudience() {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const [isKeyWritten, setIsKeyWritten] = useState(false);
  const form = useForm({
    initialValues: { name: '', key: '', kind: 'filter' },
    validate: {
      name: (text) => (text.trim() === '' ? 'Give it a name.' : null),
      key: (text) => (text.trim() === '' ? 'Give it a key.' : null),
    },
  });
  const begin = form.onSubmit(async ({ name, key: given, kind }) => {
    setError(null);
    const key = given.trim();
    try {
      if (await isThere(key)) {
        form.setFieldError('key', 'There is an audience with this key. Choose another, or open that one.');
        return;
      }
      if (kind === 'list')
        await call('putAudience', { path: { key }, body: { name: name.trim(), recipient_ids: [] } });
      close();
      const search = kind === 'list' ? {} : { name: name.trim() };
      void navigate({
        to: audiencePath(key),
        search: ((before: object) => ({ ...before, ...search })) as never,
      });
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      <Button onClick={open}>New audience</Button>
      <Modal
        opened={opened}
        onClose={close}
        title="New audience"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={begin}>
          <Stack>
            <TextInput
              label="Name"
              required
              maxLength={100}
              data-autofocus
              {...form.getInputProps('name')}
              onChange={(event) => {
                const { value } = event.currentTarget;
                form.setFieldValue('name', value);
                if (!isKeyWritten) form.setFieldValue('key', keyOf(value));
              }}
            />
            <TextInput
              label="Key"
              description="Campaigns, programs and other audiences use it by this key, so it never changes."
              required
              maxLength={100}
              {...form.getInputProps('key')}
              onChange={(event) => {
                setIsKeyWritten(event.currentTarget.value !== '');
                form.setFieldValue('key', event.currentTarget.value);
              }}
            />
            <Radio.Group label="Who belongs to it" {...form.getInputProps('kind')}>
              <Stack gap="xs" mt={6}>
                <Radio value="filter" label="Everybody who meets conditions at the moment: a filter" />
                <Radio value="list" label="Exactly the people that are put into it: a list" />
              </Stack>
            </Radio.Group>
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

/** "Customers in Köln" is `customers-in-koln`. */
function keyOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}

async function isThere(key: string): Promise<boolean> {
  try {
    await call('getAudience', { path: { key } });
    return true;
  } catch (failure) {
    if (failure instanceof CarillonError && failure.status === 404) return false;
    throw failure;
  }
}
