import { realpathSync } from 'node:fs';
import path from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

/** Any number; the same in every version, so that an old and a new process wait for each other. */
const LOCK = 726_001;

/**
 * Brings the database to the newest schema. Safe to call from several processes at once: they take turns, and those
 * who come later find nothing left to do.
 *
 * @throws when the database cannot be reached or a migration fails; a failed one leaves nothing behind
 */
export async function migrate(databaseUrl: string): Promise<void> {
  // One connection: the lock belongs to a session, and the migrations must run in that same session.
  const client = postgres(databaseUrl, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'carillon migrate' },
  });
  try {
    await client`select pg_advisory_lock(${LOCK})`;
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
    await client`select pg_advisory_unlock(${LOCK})`;
  } finally {
    await client.end({ timeout: 5 });
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  const url = process.env.DATABASE_URL;
  if (!url) {
    console.error(
      'DATABASE_URL is not set: it names the database to migrate, as postgres://user:password@host/database',
    );
    process.exit(2);
  }
  await migrate(url);
  console.log('the database has the newest schema');
}
