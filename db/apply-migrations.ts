import { setTimeout as pause } from 'node:timers/promises';
import { StartError } from '@carillon/core/program/explain-failure';
import type { ISql, Sql } from 'postgres';
import { buildIndexesAhead } from './build-ahead.ts';
import { isTransient } from './connection/sql-state.ts';
import { type Migration, pendingMigrations } from './pending-migrations.ts';

/** How a migration waits for its locks. */
export interface LockPatience {
  /** One try, in ms. While a migration waits for a table, everything that comes after it waits behind it. */
  lockTimeoutMs: number;
  /** Between two tries, in ms: what had to wait gets its turn. */
  pauseMs: number;
  /** After so long, in ms, without a lock it gives up. */
  giveUpAfterMs: number;
}

export const LOCK_PATIENCE: LockPatience = { lockTimeoutMs: 2_000, pauseMs: 3_000, giveUpAfterMs: 300_000 };

/**
 * Applies the migrations that are pending, each in a transaction of its own: a lock that one of them takes is held no
 * longer than that one lasts. Before each its indexes are built without a lock. They are recorded as Drizzle records them.
 *
 * @param sql a client with one connection.
 * @param folder the migrations.
 * @param say called with a sentence when a migration has to wait.
 * @returns the names of those applied, oldest first.
 * @throws StartError when a migration fails, which leaves nothing of it behind; PostgreSQL's error when it is away.
 */
export async function applyMigrations(
  sql: Sql,
  folder: string,
  say: (line: string) => void = console.log,
  patience: LockPatience = LOCK_PATIENCE,
): Promise<string[]> {
  const { isFirst, pending } = await pendingMigrations(sql, folder);
  await sql`create schema if not exists drizzle`;
  await sql`
    create table if not exists drizzle.__drizzle_migrations (
      id serial primary key, hash text not null, created_at bigint
    )`;
  const applied: string[] = [];
  for (const migration of pending) {
    // At first no table has a row, and an index is built at once.
    if (!isFirst) await buildIndexesAhead(sql, migration);
    await applyOne(sql, migration, applied, say, patience);
    applied.push(migration.name);
  }
  return applied;
}

async function applyOne(
  sql: Sql,
  migration: Migration,
  before: readonly string[],
  say: (line: string) => void,
  { lockTimeoutMs, pauseMs, giveUpAfterMs }: LockPatience,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const at = { statement: '' };
    try {
      await sql.begin(async (tx) => {
        await tx.unsafe(`set local lock_timeout = ${lockTimeoutMs}`);
        for (const statement of migration.statements) {
          at.statement = statement;
          await tx.unsafe(statement);
        }
        await tx`
          insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.at})`;
      });
      return;
    } catch (error) {
      const waitedMs = performance.now() - begun;
      if (!isLockConflict(error)) throw failure(migration, at.statement, error, before);
      const waits = `The migration ${migration.name} cannot lock what it changes; ${await oldestTransaction(sql)}`;
      if (waitedMs > giveUpAfterMs) {
        throw new StartError(
          `${waits} It gave up after ${Math.round(waitedMs / 1000)} s. ${left(before)} Wait for that transaction, or end it with pg_terminate_backend, and run "node db/migrate.ts" again.`,
        );
      }
      say(`${waits} It lets the others pass and tries again in ${pauseMs / 1000} s.`);
      await pause(pauseMs);
    }
  }
}

/** 55P03: not within lock_timeout. 40P01: chosen to end a deadlock. */
function isLockConflict(error: unknown): boolean {
  return ['55P03', '40P01'].includes(String((error as { code?: unknown }).code));
}

function failure(
  migration: Migration,
  statement: string,
  error: unknown,
  before: readonly string[],
): unknown {
  const { code, message } = error as { code?: unknown; message: string };
  if (isTransient(error) || typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const [line] = statement
    .replace(/^\s*--.*$/gm, '')
    .trim()
    .split('\n');
  return new StartError(
    `The migration ${migration.name} could not be applied: ${message} (${code}, at ${line}). ${left(before)} Look at what the database holds besides Carillon and at the rights of its user, and run "node db/migrate.ts" again.`,
  );
}

/** What is in the database after a failure, and what to do with the programs. */
function left(before: readonly string[]): string {
  const earlier = before.length === 0 ? '' : ` ${before.join(', ')} before it stay applied.`;
  return `Nothing of it is left in the database.${earlier} Programs of the release before work with the database as it is: leave them running, and do not start the new ones.`;
}

/** In words: the other session that has been in a transaction for the longest time is most probably in the way. */
async function oldestTransaction(sql: ISql): Promise<string> {
  const [oldest] = await sql<{ pid: number; name: string; state: string | null; seconds: number }[]>`
    select pid, application_name as name, state, extract(epoch from now() - xact_start)::float8 as seconds
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
    order by xact_start limit 1`;
  if (!oldest) return 'no other transaction is open now.';
  const { pid, name, state, seconds } = oldest;
  return `the oldest open transaction is that of the session ${pid} (${name || 'without a name'}, ${state ?? 'state unknown'}), since ${seconds.toFixed(1)} s.`;
}
