import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { call, detailOf } from '../api/call.ts';
import type { Filter } from './filters.ts';

const MOST = 10_000;

/** The list as it is filtered, as a CSV file. */
export function DownloadButton({ filter }: { filter: Filter }) {
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const text = await call('exportNotifications', { query: { ...filter, limit: MOST } as never });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
      link.download = `notifications-${new Date().toISOString().slice(0, 10)}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      const hasMore = /\r\n"?# These are /.test(text);
      notifications.show({
        message: hasMore
          ? `The file holds the first ${MOST.toLocaleString('en')} messages; its last row says how to go on.`
          : 'The file is complete.',
      });
    } catch (error) {
      notifications.show({ color: 'red', title: 'No file', message: detailOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void download()}>
      Download CSV
    </Button>
  );
}
