import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { detailOf } from '../api/call.ts';

/** Gives the browser a file that was made or fetched here. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A button that makes or fetches a file. @param load makes it; said where it fails. */
export function DownloadButton({ label, load }: { label: string; load(): Promise<unknown> }) {
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await load();
    } catch (error) {
      notifications.show({ title: 'There is no file', message: detailOf(error), color: 'red' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void run()}>
      {label}
    </Button>
  );
}
