import { realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { environment, parseConfig, url } from '@carillon/core/program/config';
import { startFailure } from '@carillon/core/program/explain-failure';
import postgres, { type Sql } from 'postgres';
import { z } from 'zod';
import { applyMigrations, type LockPatience } from './apply-migrations.ts';

const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

/** Any number; the same in every version, so that an old and a new process wait for each other. */
const LOCK = 726_001;
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
  const client = postgres(databaseUrl, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'carillon migrate' },
  });
  try {
    await lock(client);
    await applyMigrations(client, folder, say, patience);
    await client`select pg_advisory_unlock(${LOCK})`;
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** By polling: a session that waits inside one statement blocks `create index concurrently` for as long. */
async function lock(client: Sql): Promise<void> {
  for (;;) {
    const [row] = await client<[{ mine: boolean }]>`select pg_try_advisory_lock(${LOCK}) as mine`;
    if (row.mine) return;
    await pause(LOCK_POLL_MS);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  let at = '';
  try {
    const config = parseConfig(
      z.object({
        DATABASE_URL: url('postgres', 'postgresql').describe(
          'the database to migrate, as postgres://user:password@host:5432/database.',
        ),
      }),
      environment(),
    );
    at = config.DATABASE_URL;
    await migrate(at);
    console.log('the database has the newest schema');
  } catch (error) {
    const server = { what: 'PostgreSQL', setting: 'DATABASE_URL', at };
    console.error(startFailure('The migration', error, { server }));
    process.exitCode = 1;
  }
}
