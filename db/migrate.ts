import { realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { environment, parseConfig } from '@carillon/core/program/config';
import { databaseAddress, databaseSettings, directUrlOf } from '@carillon/core/program/database-settings';
import { StartError, startFailure } from '@carillon/core/program/explain-failure';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { applyMigrations, type LockPatience } from './apply-migrations.ts';
import { unfinishedRestore, unfinishedSentence } from './backup/unfinished-restore.ts';
import { isPooled, poolerKind } from './connection/pooler-check.ts';
import { openSession } from './connection/session.ts';

export const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

/** Any number; the same in every version, so that an old and a new process wait for each other. */
export const MIGRATION_LOCK = 726_001;
const LOCK_POLL_MS = 100;

/** For tests: other migrations, another patience, another ear. */
export interface MigrateOptions {
  folder?: string;
  patience?: LockPatience;
  say?: (line: string) => void;
}

/**
 * Brings the database to the newest schema. Safe to call from several processes at once: they take turns, and later
 * ones find nothing left to do.
 *
 * @throws when the database cannot be reached; StartError when a migration fails, which leaves nothing of it behind
 */
export async function migrate(
  databaseUrl: string,
  { folder = MIGRATIONS, patience, say }: MigrateOptions = {},
): Promise<void> {
  // One connection: the lock belongs to a session, and the migrations must run in that same session.
  const client = openSession({ url: databaseUrl, name: 'carillon migrate' });
  try {
    await refusePooler(client, databaseUrl);
    await lock(client);
    const unfinished = await unfinishedRestore(client);
    if (unfinished) throw new StartError(unfinishedSentence(unfinished));
    await applyMigrations(client, folder, say, patience);
    await client`select pg_advisory_unlock(${MIGRATION_LOCK})`;
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** The lock would stay with a session of the pooler, and the next migration would wait for it without end. */
async function refusePooler(client: Sql, url: string): Promise<void> {
  if (!(await isPooled(client))) return;
  const kind = await poolerKind(url);
  if (kind === 'none' || kind === 'session') return;
  throw new StartError(
    `A migration needs a session of PostgreSQL itself, and its address leads to a pooler in ${kind} mode: set DATABASE_DIRECT_URL to the address of the server behind it.`,
  );
}

/** By polling: a session that waits inside one statement blocks `create index concurrently` for as long. */
async function lock(client: Sql): Promise<void> {
  for (;;) {
    const [row] = await client<[{ mine: boolean }]>`select pg_try_advisory_lock(${MIGRATION_LOCK}) as mine`;
    if (row.mine) return;
    await pause(LOCK_POLL_MS);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  let at = '';
  try {
    const address = databaseAddress(parseConfig(z.object(databaseSettings()), environment()));
    at = directUrlOf(address, 'A migration needs');
    await migrate(at);
    console.log('the database has the newest schema');
  } catch (error) {
    const server = { what: 'PostgreSQL', setting: 'DATABASE_URL', at };
    console.error(startFailure('The migration', error, { server }));
    process.exitCode = 1;
  }
}
