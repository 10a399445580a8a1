import type { PatchProviderAccountRequest, ProviderAccountWithHealth } from '@carillon/client/api-types';
import { Button, Group, Modal, NumberInput, Stack, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CarillonError, exchangeLive } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';
import { Conflict } from './conflict.tsx';
import { readAccount, type TaggedAccount } from './queries.ts';

/** Changes whether, when and how much an account is used, without its settings and credentials. */
export function PlaceButton({ account }: { account: ProviderAccountWithHealth }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  const [read, setRead] = useState<TaggedAccount | null>(null);
  if (!may('providers:*')) return null;
  const begin = async () => {
    // The ETag of what is shown now: a list has none.
    setRead(await readAccount(account.id));
    open();
  };
  return (
    <>
      <Button variant="default" size="xs" onClick={() => void begin()}>
        Change
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Order, weight and limit of ${account.id}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {read && <PlaceForm key={read.etag} read={read} close={close} />}
      </Modal>
    </>
  );
}

const fieldsOf = ({ account }: TaggedAccount) => ({
  enabled: account.enabled,
  order: account.order as number | string,
  weight: account.weight as number | string,
  rate_per_second: (account.rate_per_second ?? '') as number | string,
});

function PlaceForm({ read, close }: { read: TaggedAccount; close(): void }) {
  const queries = useQueryClient();
  const [from, setFrom] = useState(read);
  const [theirs, setTheirs] = useState<TaggedAccount | null>(null);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({ mode: 'controlled', initialValues: fieldsOf(read) });
  const { id } = read.account;
  const submit = form.onSubmit(async (values) => {
    setError(null);
    try {
      await exchangeLive(
        'patchProviderAccount',
        { path: { account: id }, body: bodyOf(values) },
        { ifMatch: from.etag },
      );
      await queries.invalidateQueries();
      notifications.show({ message: `${id} is changed. It holds for everything that is not sent yet.` });
      close();
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict') setTheirs(await readAccount(id));
      else if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        {theirs && (
          <Conflict
            was={fieldsOf(from)}
            now={fieldsOf(theirs)}
            mine={form.values}
            labels={LABELS}
            take={(values) => {
              form.setValues(values);
              setFrom(theirs);
              setTheirs(null);
            }}
          />
        )}
        <Switch label="Use this account" {...form.getInputProps('enabled', { type: 'checkbox' })} />
        <NumberInput
          label="Order"
          description="Lower is tried first."
          min={0}
          max={1000}
          allowDecimal={false}
          {...form.getInputProps('order')}
        />
        <NumberInput
          label="Weight"
          description="Accounts of the same order share their traffic by weight."
          min={1}
          max={1000}
          allowDecimal={false}
          {...form.getInputProps('weight')}
        />
        <NumberInput
          label="Limit"
          description="Messages per second over all workers. Empty is no limit."
          {...form.getInputProps('rate_per_second')}
        />
        {error !== null && <ProblemAlert error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          <Button type="submit" loading={form.submitting} disabled={theirs !== null}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const LABELS = {
  enabled: 'Used',
  order: 'Order',
  weight: 'Weight',
  rate_per_second: 'Limit',
};

function bodyOf({ enabled, order, weight, rate_per_second: limit }: ReturnType<typeof fieldsOf>) {
  const body: PatchProviderAccountRequest = {
    enabled,
    order: Number(order),
    weight: Number(weight),
    rate_per_second: limit === '' ? null : Number(limit),
  };
  return body;
}
