import { notifications } from '@mantine/notifications';
import { call } from '../api/call.ts';
import { DownloadButton, saveFile } from '../elements/download.tsx';
import type { Filter } from './filters.ts';

const MOST = 10_000;

/** The list as it is filtered, as a CSV file. */
export function DownloadList({ filter }: { filter: Filter }) {
  const load = async () => {
    const text = await call('exportNotifications', { query: { ...filter, limit: MOST } });
    saveFile(`notifications-${new Date().toISOString().slice(0, 10)}.csv`, text, 'text/csv;charset=utf-8');
    notifications.show({
      message: /\r\n"?# These are /.test(text)
        ? `The file holds the first ${MOST.toLocaleString('en')} messages; its last row says how to go on.`
        : 'The file is complete.',
    });
  };
  return <DownloadButton label="Download CSV" load={load} />;
}
