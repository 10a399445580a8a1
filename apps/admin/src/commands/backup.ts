import { directUrlOf } from '@carillon/core/program/database-settings';
import { withMaintenanceConnection } from '@carillon/db/backup/connect';
import { writeBackup } from '@carillon/db/backup/write-backup';
import type { Verb } from '../command.ts';
import { readDatabase } from '../config.ts';

/** The most backups that --keep names. */
const MOST_KEPT = 10_000;

/** Writes a backup of the database, while the programs run. */
export const backup: Verb = {
  summary: 'writes a backup of the database',
  usage: `carillon-admin backup --to DIR [--keep N]

  --to DIR    a new directory in DIR becomes the backup; only this user may read it
  --keep N    removes older backups of this installation there, all but the newest N

The programs go on running. The backup holds secrets under ENCRYPTION_KEYS: keep those keys, too, at another place.
docs/backup.md says what else to keep.`,
  options: { to: { type: 'string' }, keep: { type: 'string' } },
  words: 0,
  run: async ({ given, terminal }) => {
    const to = given.needed('to', 'the directory for backups');
    const keep = given.whole('keep', 1, MOST_KEPT) ?? null;
    const url = directUrlOf(readDatabase(terminal.env), 'A backup reads');
    const { dir, manifest, bytes, removed } = await withMaintenanceConnection(url, (sql) =>
      writeBackup(sql, to, keep),
    );
    const { installation, takenAt, notifications, tables, keyIds } = manifest;
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    return {
      json: { dir, installation, taken_at: takenAt, rows, bytes, notifications, key_ids: keyIds, removed },
      lines: [
        dir,
        `Installation ${installation} as of ${takenAt}: ${rows} rows in ${tables.length} tables, ${bytes} bytes.`,
        ...(keyIds.length > 0
          ? [`Its secrets need the keys ${keyIds.join(', ')} of ENCRYPTION_KEYS.`]
          : ['It holds no encrypted secrets.']),
        ...removed.map((name) => `Removed ${name}.`),
      ],
    };
  },
};
