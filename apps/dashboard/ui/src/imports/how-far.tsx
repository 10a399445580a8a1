import type { Import } from '@carillon/client/api-types';
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ConfirmButton } from '../elements/confirm.tsx';
import { bytes } from '../elements/quantities.ts';
import type { Upload, UploadView } from './upload.ts';
import { number, rows } from './words.tsx';

/** How far the upload of this tab is, why it waits, and its stop. @param record null until the API knows it. */
export function HowFar({
  upload,
  view,
  record,
}: {
  upload: Upload;
  view: UploadView;
  record: Import | null;
}) {
  const { phase, sent } = view;
  const { size } = upload.plan.file;
  const share = size === 0 ? 100 : (sent / size) * 100;
  const done = record === null ? '' : `; ${rows(record.read)} ${record.dry_run ? 'checked' : 'applied'}`;
  return (
    <Stack gap="sm" maw="46rem">
      {phase.name === 'waiting' && <Waiting upload={upload} phase={phase} record={record} />}
      <Stack gap={4}>
        <Progress.Root size="lg">
          <Progress.Section value={share} color="teal" aria-label="How much of the file is sent" />
        </Progress.Root>
        <Text size="sm" role="status">
          {bytes(sent)} of {bytes(size)} sent{done}
          {phase.name === 'sending' && sent >= size && '. The last rows are being stored.'}
        </Text>
        {upload.isRunning && (
          <Text size="sm" className="dim">
            Leave this tab open until it is through; other pages of it may be used meanwhile.
          </Text>
        )}
      </Stack>
      {upload.isRunning && (
        <Group>
          <Stop upload={upload} />
        </Group>
      )}
    </Stack>
  );
}

function Stop({ upload }: { upload: Upload }) {
  const isCheck = upload.plan.dryRun;
  return (
    <ConfirmButton
      label={isCheck ? 'Stop the check' : 'Stop the import'}
      title={isCheck ? 'Stop this check?' : 'Stop this import?'}
      confirm="Stop it"
      danger
      done="It is stopped."
      action={async () => upload.stop()}
    >
      {isCheck
        ? 'Nothing was stored, and nothing will be.'
        : 'What was applied stays, and nothing behind it is. This page says up to which line; you can go on from there.'}
    </ConfirmButton>
  );
}

function Waiting({
  upload,
  phase,
  record,
}: {
  upload: Upload;
  phase: Extract<UploadView['phase'], { name: 'waiting' }>;
  record: Import | null;
}) {
  const left = useSecondsUntil(phase.until);
  return (
    <Alert color="yellow" variant="outline" role="status" title="It goes on by itself">
      <Text size="sm">
        {phase.why.detail}{' '}
        {record !== null &&
          record.next_line > 1 &&
          `Everything up to line ${number(record.next_line - 1)} is kept. `}
        Tried again {left > 0 ? `in ${left} s` : 'now'}.
      </Text>
      <Button size="xs" variant="default" mt="xs" onClick={upload.goOn}>
        Try now
      </Button>
    </Alert>
  );
}

function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1_000));
}
