import type { AudienceWithUsers, MembersChange } from '@carillon/client/api-types';
import {
  Alert,
  Button,
  FileButton,
  Group,
  List,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { useState } from 'react';
import { exchange } from '../api/call.ts';
import { sendNdjson } from '../api/ndjson.ts';
import { ConfirmButton } from '../elements/confirm.tsx';
import { linesOf } from '../elements/lines.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { count } from '../elements/quantities.ts';
import { idsOfFile, ndjsonOf } from './read-id-file.ts';

/** What a PUT takes. */
const MAX_REPLACED = 10_000;

/** Adds to a list, takes out of it, or replaces it, by ids that are pasted or of a file. */
export function ChangeMembers({
  audience: { key, name },
  etag,
  onChanged,
  onReplaced,
}: {
  audience: AudienceWithUsers;
  etag: string;
  onChanged(change: MembersChange): void;
  onReplaced(change: MembersChange): void;
}) {
  const [text, setText] = useState('');
  const [file, setFile] = useState<{ name: string; ids: string[] } | null>(null);
  const [action, setAction] = useState<'add' | 'remove' | 'replace'>('add');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ids = file === null ? linesOf(text) : file.ids;
  const empty = () => {
    setText('');
    setFile(null);
  };
  const change = async () => {
    setBusy(true);
    setError(null);
    try {
      const method = action === 'remove' ? 'DELETE' : 'POST';
      const path = `/v1/audiences/${encodeURIComponent(key)}/members`;
      onChanged(await sendNdjson<MembersChange>(method, path, ndjsonOf(ids)));
      empty();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const replace = async () => {
    const { body } = await exchange(
      'putAudience',
      { path: { key }, body: { name, recipient_ids: ids } },
      { ifMatch: etag },
    );
    const { added, removed, unknown, unknown_ids } = body.members!;
    const read = new Set(ids).size;
    onReplaced({ read, changed: added + removed, unknown, unknown_ids, failed: 0, errors: [] });
    empty();
  };
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="What the ids are for"
        data={[
          { value: 'add', label: 'Add' },
          { value: 'remove', label: 'Take out' },
          { value: 'replace', label: 'Replace all' },
        ]}
        value={action}
        onChange={(next) => setAction(next as typeof action)}
        style={{ alignSelf: 'start' }}
      />
      {file === null ? (
        <Textarea
          label="Ids of recipients"
          description="One a line, or separated by commas. Longer lists as a file: NDJSON, or CSV with the ids in its first column."
          autosize
          minRows={3}
          maxRows={12}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <Group gap="sm">
          <Text size="sm">
            {file.name}: {count(file.ids.length)} ids
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => setFile(null)}>
            Leave the file out
          </Button>
        </Group>
      )}
      {error !== null && <ProblemAlert error={error} />}
      <Group gap="sm">
        {action === 'replace' ? (
          <ConfirmButton
            label="Replace the list"
            title="Replace the list?"
            confirm="Replace it"
            done="The list is replaced."
            danger
            disabled={ids.length === 0 || ids.length > MAX_REPLACED}
            action={replace}
          >
            It has exactly these {count(ids.length)} ids then; everybody else is taken out of it.
          </ConfirmButton>
        ) : (
          <Button loading={busy} disabled={ids.length === 0} onClick={() => void change()}>
            {action === 'add' ? 'Add them' : 'Take them out'}
          </Button>
        )}
        <FileButton
          accept=".ndjson,.jsonl,.csv,.txt,text/csv,text/plain"
          onChange={(chosen) => {
            if (chosen !== null)
              void chosen.text().then((content) => setFile({ name: chosen.name, ids: idsOfFile(content) }));
          }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </Group>
      {action === 'replace' && ids.length > MAX_REPLACED && (
        <Text size="sm" role="status">
          At most {count(MAX_REPLACED)} ids replace a list at once. Make a new list and add them to it.
        </Text>
      )}
    </Stack>
  );
}

/** What became of the ids. */
export function ChangedMembers({ change }: { change: MembersChange }) {
  const { read, changed, unknown, unknown_ids: ids, failed, errors } = change;
  return (
    <Alert variant="outline" color={unknown + failed > 0 ? 'yellow' : 'teal'} role="status" title="Done">
      <Text size="sm">
        {count(read)} ids read, {count(changed)} {changed === 1 ? 'change' : 'changes'}.
        {unknown > 0 && ` ${count(unknown)} are ids that no recipient has; nobody was created.`}
        {failed > 0 && ` ${count(failed)} lines are not ids.`}
      </Text>
      {ids.length + errors.length > 0 && (
        <List size="sm" mt="xs">
          {ids.slice(0, 10).map((id) => (
            <List.Item key={id}>
              <span className="mono">{id}</span>: unknown
            </List.Item>
          ))}
          {errors.slice(0, 10).map(({ line, message }) => (
            <List.Item key={line}>
              line {line}: {message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
