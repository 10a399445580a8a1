import type { StaffMember, StaffMemberWithLink } from '@carillon/client/api-types';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { callEverywhere } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { CodeBlock } from '../elements/copy.tsx';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { Mark } from '../elements/mark.tsx';
import { PageFrame } from '../elements/page.tsx';
import { usePages } from '../elements/pages-query.ts';
import { Time } from '../elements/time.tsx';
import { StaffForm } from './staff-form.tsx';
import { StaffSessions } from './staff-sessions.tsx';

/** Who may use the dashboard, and with which roles. */
export default function Staff() {
  const queries = useQueryClient();
  const [handed, setHanded] = useState<StaffMemberWithLink | null>(null);
  const query = usePages<StaffMember>(['staff'], (cursor, signal) =>
    callEverywhere('listStaff', { query: { cursor } }, { signal }),
  );
  const reload = () => queries.invalidateQueries();
  const linkMade = (member: StaffMemberWithLink) => {
    setHanded(member);
    return reload();
  };
  return (
    <PageFrame
      title="Staff"
      description="Roles are sets of the same scopes that API keys have. A change applies from the next request, 5 s later at most."
      actions={<StaffForm onDone={linkMade} />}
    >
      {handed !== null && <Link member={handed} onClose={() => setHanded(null)} />}
      <DataTable
        query={query}
        columns={columnsOf(reload, linkMade)}
        rowKey={({ id }) => id}
        label="Staff"
        empty={null}
      />
    </PageFrame>
  );
}

/** A link for a password that has to be handed over, or that was sent. */
function Link({ member, onClose }: { member: StaffMemberWithLink; onClose(): void }) {
  const { url, sent, expires_at } = member.link;
  const whole = url?.startsWith('/') ? window.location.origin + url : url;
  return (
    <Alert
      variant="outline"
      color="yellow"
      role="status"
      title={sent ? 'A link is on its way' : 'Hand this link over'}
    >
      <Stack gap="sm">
        <Text size="sm">
          {sent
            ? `${member.email} gets it by e-mail. `
            : `No e-mail account is set up, so ${member.email} gets nothing. The link is shown this once. `}
          It works once, until <Time at={expires_at} />.
        </Text>
        {whole && <CodeBlock text={whole} label="the link" />}
        <div>
          <Button variant="default" size="xs" onClick={onClose}>
            Done
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}

const columnsOf = (
  reload: () => Promise<unknown>,
  linkMade: (member: StaffMemberWithLink) => Promise<unknown>,
): Column<StaffMember>[] => [
  {
    title: 'Person',
    cell: ({ email, name }) => (
      <Stack gap={0}>
        <Text fw={550}>{name || email}</Text>
        {name !== '' && <Text size="sm">{email}</Text>}
      </Stack>
    ),
  },
  { title: 'Roles', cell: ({ roles }) => <Roles roles={roles} /> },
  {
    title: 'State',
    cell: ({ enabled, has_login, two_factor }) => (
      <Stack gap={4}>
        <Mark tone={!enabled ? 'bad' : has_login ? 'good' : 'waiting'}>
          {!enabled ? 'disabled' : has_login ? 'enabled' : 'invited'}
        </Mark>
        {two_factor && <Text size="xs">second factor</Text>}
      </Stack>
    ),
  },
  { title: 'Last seen', cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
  { title: '', cell: (member) => <Actions member={member} reload={reload} linkMade={linkMade} /> },
];

function Roles({ roles }: Pick<StaffMember, 'roles'>) {
  const { session } = useHere();
  return (
    <Stack gap={2}>
      {roles.map(({ role, app_id, environment }) => (
        <Text size="sm" key={`${role} ${app_id} ${environment}`}>
          {role}
          <span className="dim">
            {app_id === null ? '' : ` in ${session.apps.find(({ id }) => id === app_id)?.name ?? app_id}`}
            {environment === null ? '' : `, ${environment} only`}
          </span>
        </Text>
      ))}
    </Stack>
  );
}

function Actions({
  member,
  reload,
  linkMade,
}: {
  member: StaffMember;
  reload(): Promise<unknown>;
  linkMade(member: StaffMemberWithLink): Promise<unknown>;
}) {
  const { id, email, enabled } = member;
  const patch = async (body: { enabled: boolean }) => {
    await callEverywhere('patchStaffMember', { path: { id }, body });
    await reload();
  };
  return (
    <Group gap="xs">
      <StaffForm member={member} onDone={reload} />
      <StaffSessions member={member} />
      <ConfirmButton
        label="New password"
        size="xs"
        title={`A new password for ${email}`}
        confirm="Make a link"
        done="The password is taken away, and every session has ended."
        action={async () => linkMade(await callEverywhere('resetStaffPassword', { path: { id }, body: {} }))}
      >
        The password opens nothing any more, and every session ends. A link for another one is sent, or shown
        here.
      </ConfirmButton>
      <ConfirmButton
        label={enabled ? 'Disable' : 'Enable'}
        size="xs"
        danger={enabled}
        title={enabled ? `Disable ${email}` : `Enable ${email}`}
        confirm={enabled ? 'Disable' : 'Enable'}
        done={enabled ? 'The account is disabled.' : 'The account is enabled.'}
        action={() => patch({ enabled: !enabled })}
      >
        {enabled
          ? 'Every session ends, and the person cannot sign in. What the person did stays in the audit log.'
          : 'The person can sign in again with the same password and roles.'}
      </ConfirmButton>
    </Group>
  );
}
