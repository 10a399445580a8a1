import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { SecretOnce } from './secret.tsx';

const OVERLAPS = [
  { value: '0', label: 'It ends at once' },
  { value: '3600', label: 'One hour' },
  { value: '86400', label: 'One day' },
  { value: '604800', label: 'One week' },
];

/** Gives an endpoint a new secret, with a time in which both sign. */
export function RotateSecret({ id }: { id: string }) {
  const [opened, { open, close }] = useDisclosure();
  const [overlap, setOverlap] = useState('86400');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const queries = useQueryClient();
  const rotate = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { overlap_seconds: Number(overlap) };
      setSecret((await call('rotateWebhookSecret', { path: { id }, body })).secret);
      await queries.invalidateQueries();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setSecret(null);
          open();
        }}
      >
        Rotate the secret
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        closeOnClickOutside={secret === null}
        title="Give it a new signing secret"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {secret === null ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void rotate();
            }}
          >
            <Stack>
              <Text size="sm">
                Until the old secret ends, every event carries a signature of both, so that the receiver can
                change over without losing one.
              </Text>
              <Select
                label="The old secret signs for"
                data={OVERLAPS}
                allowDeselect={false}
                value={overlap}
                onChange={(next) => setOverlap(next ?? '86400')}
              />
              {error !== null && <ProblemAlert error={error} />}
              <Group justify="end">
                <Button variant="default" onClick={close}>
                  Leave it
                </Button>
                <Button type="submit" loading={busy}>
                  Rotate it
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
