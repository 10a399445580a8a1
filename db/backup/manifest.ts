import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '@carillon/core/program/refusal';
import { REQUIRED_MIGRATIONS } from '../required-migrations.ts';

/** What a backup holds. Its directory has this as manifest.json, and a file for each table. */
export interface Manifest {
  format: typeof FORMAT;
  /** Of the installation; the same for all its backups. */
  installation: string;
  /** The moment of the data: RFC 3339, to the microsecond, by PostgreSQL's clock. */
  takenAt: string;
  /** Names of the applied migrations, oldest first. */
  migrations: string[];
  /** Ids of the encryption keys without which its secrets cannot be read. */
  keyIds: string[];
  /** Notifications by state. */
  notifications: Record<string, number>;
  tables: BackupTable[];
  /** Counters of identity columns. */
  sequences: { table: string; column: string; last: string }[];
}

/** One table: its rows in PostgreSQL's text format for COPY, compressed by gzip, in `<name>.copy.gz`. */
export interface BackupTable {
  name: string;
  columns: string[];
  rows: number;
  /** Of the compressed file. */
  bytes: number;
  sha256: string;
}

export const FORMAT = 1;
export const MANIFEST = 'manifest.json';
export const fileOf = ({ name }: Pick<BackupTable, 'name'>): string => `${name}.copy.gz`;

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Reads the manifest of a backup and compares every file with its checksum, before anything is restored.
 *
 * @throws Refusal for anything but a complete backup of a schema that this release knows.
 */
export async function readBackup(dir: string): Promise<Manifest> {
  const manifest = await readManifest(dir);
  for (const table of manifest.tables) {
    const file = path.join(dir, fileOf(table));
    const sum = createHash('sha256');
    await pipeline(createReadStream(file), sum).catch((error: Error) => {
      throw new Refusal('damaged_backup', `${file} cannot be read: ${error.message}. Take an older backup.`);
    });
    if (sum.digest('hex') !== table.sha256)
      throw new Refusal(
        'damaged_backup',
        `${file} is not the file that was written: its checksum differs. Copy the backup again, or take an older one.`,
      );
  }
  assertKnown(manifest, dir);
  return manifest;
}

async function readManifest(dir: string): Promise<Manifest> {
  const file = path.join(dir, MANIFEST);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Refusal(
      'not_a_backup',
      `${dir} holds no backup: ${error.message}. Name the directory that "carillon-admin backup" printed; for a dump of another tool see "carillon-admin restore mark --help".`,
    );
  });
  const manifest = parsed(text);
  if (manifest === null || !isManifest(manifest))
    throw new Refusal(
      'not_a_backup',
      `${file} is not the manifest of a backup of format ${FORMAT}. Use the release that wrote it, or an older backup.`,
    );
  return manifest;
}

function parsed(text: string): Partial<Manifest> | null {
  try {
    return JSON.parse(text) as Partial<Manifest>;
  } catch {
    return null;
  }
}

/** Its names become SQL and paths. */
function isManifest(manifest: Partial<Manifest>): manifest is Manifest {
  const { format, installation, takenAt, migrations, tables, sequences, keyIds } = manifest;
  return (
    format === FORMAT &&
    typeof installation === 'string' &&
    typeof takenAt === 'string' &&
    !Number.isNaN(Date.parse(takenAt)) &&
    Array.isArray(migrations) &&
    Array.isArray(keyIds) &&
    Array.isArray(tables) &&
    tables.every(({ name, columns }) => NAME.test(name) && columns.every((column) => NAME.test(column))) &&
    Array.isArray(sequences) &&
    sequences.every(({ table, column, last }) => NAME.test(table) && NAME.test(column) && /^\d+$/.test(last))
  );
}

/** The migrations of a release are those of the one before it, and more. */
function assertKnown({ migrations }: Manifest, dir: string): void {
  const unknown = migrations.filter((name, at) => REQUIRED_MIGRATIONS[at] !== name);
  if (unknown.length === 0) return;
  throw new Refusal(
    'newer_schema',
    `${dir} has migrations that this release does not know: ${unknown.join(', ')}. This release knows them up to ${REQUIRED_MIGRATIONS.at(-1)}. Restore with the release that wrote the backup, or a newer one.`,
  );
}
