import { Alert } from '@mantine/core';
import { detailOf } from '../api/call.ts';
import { formatTime } from './time.tsx';

/** Says since when what is shown is out of date. @param since ms since the epoch, of the last answer. */
export function Stale({ since, error }: { since: number; error: unknown }) {
  return (
    <Alert
      color="yellow"
      variant="outline"
      role="status"
      title={`As it was at ${formatTime(new Date(since))}`}
    >
      {detailOf(error)}
    </Alert>
  );
}
