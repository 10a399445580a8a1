import type { App } from '@carillon/client/api-types';
import {
  Button,
  ColorInput,
  Group,
  Modal,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { callEverywhere } from '../api/call.ts';
import { linesOf } from '../elements/lines.ts';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** Makes an app, or changes its name, time zone, origins and brand. @param app left out: a new one. */
export function AppForm({ app, onDone }: { app?: App; onDone(): Promise<unknown> }) {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      name: app?.name ?? '',
      time_zone: app?.time_zone ?? 'UTC',
      allowed_origins: app?.allowed_origins.join('\n') ?? '',
      approves_campaigns: app?.approves_campaigns ?? false,
      brand: {
        name: app?.brand?.name ?? '',
        logo_url: app?.brand?.logo_url ?? '',
        color: app?.brand?.color ?? '',
      },
    },
  });
  const submit = form.onSubmit(async ({ name, time_zone, brand, allowed_origins, approves_campaigns }) => {
    setError(null);
    const given = Object.fromEntries(Object.entries(brand).filter(([, value]) => value !== ''));
    const body = {
      name: name.trim(),
      time_zone,
      brand: Object.keys(given).length === 0 ? null : given,
      allowed_origins: linesOf(allowed_origins),
      approves_campaigns,
    };
    try {
      if (app === undefined) {
        const { brand: later, ...made } = body;
        const { id } = await callEverywhere('createApp', { body: made });
        if (later !== null) await callEverywhere('patchApp', { path: { id }, body: { brand: later } });
      } else await callEverywhere('patchApp', { path: { id: app.id }, body });
      close();
      await onDone();
    } catch (failure) {
      if (!showErrors(form, failure, fieldOf)) setError(failure);
    }
  });
  return (
    <>
      <Button size={app ? 'xs' : 'sm'} variant={app ? 'default' : 'filled'} onClick={open}>
        {app ? 'Change' : 'Add an app'}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={app ? `Change ${app.name}` : 'Add an app'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit}>
          <Stack>
            {error !== null && <ProblemAlert error={error} />}
            <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
            <Select
              label="Time zone"
              description="Of times in messages to people without a zone of their own."
              data={ZONES}
              searchable
              allowDeselect={false}
              limit={100}
              {...form.getInputProps('time_zone')}
            />
            <Textarea
              label="Origins of web pages"
              description="Pages of these origins may show recipients their inbox, with a token of yours. One a line."
              placeholder="https://shop.example"
              autosize
              minRows={2}
              {...form.getInputProps('allowed_origins')}
            />
            <Switch
              label="Campaigns need approval"
              description="Another person than those who wrote a campaign approves it before it is sent."
              {...form.getInputProps('approves_campaigns', { type: 'checkbox' })}
            />
            <Text size="sm" fw={550}>
              Brand, on the pages that recipients see
            </Text>
            <TextInput label="Name shown" {...form.getInputProps('brand.name')} />
            <TextInput
              label="Address of the logo"
              placeholder="https://"
              {...form.getInputProps('brand.logo_url')}
            />
            <ColorInput
              label="Colour"
              format="hex"
              placeholder="#1a5fb4"
              eyeDropperButtonProps={{ 'aria-label': 'Pick a colour from the screen' }}
              {...form.getInputProps('brand.color')}
            />
            <Group justify="end">
              <Button type="submit" loading={form.submitting}>
                {app ? 'Save' : 'Add it'}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** What is wrong with one line is said beside the field. */
const fieldOf = (path: string): string => path.replace(/^allowed_origins\b.*$/, 'allowed_origins');
