import { Checkbox, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { DownloadButton, saveFile } from '../elements/download.tsx';

/** Everything that is held about a person: to be handed out, and to be erased. */
export function HeldData({ id }: { id: string }) {
  const may = useMay();
  return (
    <Stack gap="lg" maw="44rem">
      <Stack gap="xs" component="section">
        <Title order={2}>Export</Title>
        <Text size="sm">
          Addresses, attributes, preferences, suppressions, in-app messages and every message with its
          attempts, as JSON.
          {may('content:read')
            ? ' With the texts of the messages.'
            : ' Without the texts of the messages: your roles do not allow reading them.'}{' '}
          The audit log records it.
        </Text>
        <div>
          <DownloadButton label="Download all that is held" load={() => downloadAll(id)} />
        </div>
      </Stack>
      {may('recipients:*') && <Erase id={id} />}
    </Stack>
  );
}

/** All pages of the export in one file. */
async function downloadAll(id: string): Promise<void> {
  const first = await call('exportRecipient', { path: { recipient_id: id }, query: {} });
  const notifications = [...first.notifications];
  for (let cursor = first.next_cursor; cursor !== null; ) {
    const page = await call('exportRecipient', { path: { recipient_id: id }, query: { cursor } });
    notifications.push(...page.notifications);
    cursor = page.next_cursor;
  }
  const all = { ...first, notifications, next_cursor: null };
  const name = `recipient-${id.replaceAll(/[^\w.-]+/g, '_').slice(0, 60)}.json`;
  saveFile(name, JSON.stringify(all, null, 2), 'application/json');
}

function Erase({ id }: { id: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [suppress, setSuppress] = useState(false);
  return (
    <Stack gap="xs" component="section">
      <Title order={2}>Erase</Title>
      <Text size="sm">
        Addresses, devices, preferences, inbox and attributes go. Messages keep their states and times, and
        lose address, content and data; what is not sent yet is cancelled. It cannot be undone.
      </Text>
      <div>
        <ConfirmButton
          label="Erase this person"
          color="red"
          variant="outline"
          danger
          title="Erase this person"
          confirm="Erase for good"
          done="The person is erased."
          action={async () => {
            if (typed !== id) throw new Error(`Type the id of the recipient, ${id}, to erase them.`);
            const query = { suppress: suppress ? ('true' as const) : ('false' as const) };
            await call('eraseRecipient', { path: { recipient_id: id }, query });
            await queries.invalidateQueries();
            await navigate({ to: '/recipients' as never });
          }}
        >
          <Stack gap="sm">
            <Text size="sm">
              Everything that is held about <span className="mono">{id}</span> is removed from here, at once
              and for good. Backups keep it until they are removed.
            </Text>
            <Checkbox
              label="Never write to their addresses again, not even after a new registration"
              checked={suppress}
              onChange={(event) => setSuppress(event.currentTarget.checked)}
            />
            <TextInput
              label="Type the id of the recipient"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              required
            />
          </Stack>
        </ConfirmButton>
      </div>
    </Stack>
  );
}
