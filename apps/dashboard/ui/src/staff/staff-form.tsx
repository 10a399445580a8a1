import type { StaffMember, StaffMemberWithLink } from '@carillon/client/api-types';
import { ROLE_NAMES, ROLES, type Role } from '@carillon/core/access/roles';
import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { callEverywhere } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';

interface GrantInput {
  role: Role;
  /** '' is every app. */
  app: string;
  /** '' is both. */
  environment: '' | 'live' | 'test';
}

/**
 * Invites a person, or changes name and roles of one.
 *
 * @param member left out: an invitation.
 */
export function StaffForm({
  member,
  onDone,
}: {
  member?: StaffMember;
  onDone(done: StaffMemberWithLink): Promise<unknown>;
}) {
  const [opened, { open, close }] = useDisclosure();
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      email: '',
      name: member?.name ?? '',
      roles: (member?.roles ?? [{ role: 'viewer' as const, app_id: null, environment: null }]).map(
        ({ role, app_id, environment }): GrantInput => ({
          role,
          app: app_id ?? '',
          environment: environment ?? '',
        }),
      ),
    },
  });
  const submit = form.onSubmit(async ({ email, name, roles }) => {
    setError(null);
    const body = {
      name: name.trim(),
      roles: roles.map(({ role, app, environment }) => ({
        role,
        app_id: app === '' ? null : app,
        environment: environment === '' ? null : environment,
      })),
    };
    try {
      const done =
        member === undefined
          ? await callEverywhere('createStaffMember', { body: { email: email.trim(), ...body } })
          : await callEverywhere('patchStaffMember', { path: { id: member.id }, body });
      close();
      if (member === undefined) form.reset();
      await onDone(done as StaffMemberWithLink);
    } catch (failure) {
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  return (
    <>
      {member === undefined ? (
        <Button onClick={open}>Invite somebody</Button>
      ) : (
        <Button size="xs" variant="default" onClick={open}>
          Roles
        </Button>
      )}
      <Modal
        opened={opened}
        onClose={close}
        title={member === undefined ? 'Invite somebody' : `Roles of ${member.email}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit}>
          <Stack>
            {error !== null && <ProblemAlert error={error} />}
            {member === undefined && (
              <TextInput
                label="E-mail address"
                type="email"
                required
                data-autofocus
                {...form.getInputProps('email')}
              />
            )}
            <TextInput label="Name" {...form.getInputProps('name')} />
            {form.values.roles.map((grant, index) => (
              <GrantFields
                // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity of its own
                key={index}
                form={form}
                index={index}
                grant={grant}
                onRemove={form.values.roles.length > 1 ? () => form.removeListItem('roles', index) : null}
              />
            ))}
            <Group justify="space-between">
              <Button
                variant="default"
                onClick={() => form.insertListItem('roles', { role: 'viewer', app: '', environment: '' })}
              >
                Add a role
              </Button>
              <Button type="submit" loading={form.submitting}>
                {member === undefined ? 'Invite' : 'Save'}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

type Form = ReturnType<typeof useForm<{ email: string; name: string; roles: GrantInput[] }>>;

function GrantFields({
  form,
  index,
  grant,
  onRemove,
}: {
  form: Form;
  index: number;
  grant: GrantInput;
  onRemove: (() => void) | null;
}) {
  const { session } = useHere();
  return (
    <div>
      <Group align="end" gap="xs">
        <Select
          label="Role"
          data={ROLE_NAMES.map((role) => ({ value: role, label: role }))}
          allowDeselect={false}
          style={{ flex: '1 1 8rem' }}
          {...form.getInputProps(`roles.${index}.role`)}
        />
        <Select
          label="App"
          data={[
            { value: '', label: 'every app' },
            ...session.apps.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          allowDeselect={false}
          style={{ flex: '1 1 9rem' }}
          {...form.getInputProps(`roles.${index}.app`)}
        />
        <Select
          label="Environment"
          data={[
            { value: '', label: 'both' },
            { value: 'live', label: 'live' },
            { value: 'test', label: 'test' },
          ]}
          allowDeselect={false}
          style={{ flex: '1 1 6rem' }}
          {...form.getInputProps(`roles.${index}.environment`)}
        />
        {onRemove && (
          <ActionIcon variant="default" size="lg" onClick={onRemove} aria-label="Remove this role">
            <span aria-hidden>×</span>
          </ActionIcon>
        )}
      </Group>
      <Text size="xs" className="dim" mt={4}>
        {ROLES[grant.role].purpose}
      </Text>
    </div>
  );
}
