import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type KeyRing, SealBroken } from '@carillon/core/notification/envelope';
import { Refusal } from '@carillon/core/program/refusal';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import { MIGRATION_LOCK } from '../migrate.ts';
import { assertSecretsOpen } from '../provider-accounts/assert-secrets-open.ts';
import { REQUIRED_MIGRATIONS } from '../required-migrations.ts';
import { type Marked, markRestored } from '../restore/mark-restored.ts';
import { applyMigrations } from './apply-migrations.ts';
import { assertNobodyIsConnected } from './connect.ts';
import { type BackupTable, fileOf, type Manifest } from './manifest.ts';
import { RESTORE_MARK } from './unfinished-restore.ts';

export interface Loaded extends Marked {
  rows: number;
}

/**
 * Restores a backup into an empty database: the schema of its time, its rows, newer migrations and the mark of the
 * restore, in one transaction. Interrupted, it leaves an empty database with a mark that programs and migrations
 * refuse; the same restore may then be run again.
 *
 * @param sql one session, without a statement timeout.
 * @param manifest read and checked by `readBackup`.
 * @param ring the keys that the programs will have.
 * @param actor for the audit log.
 * @throws Refusal, and then the database is as it was, but for the mark.
 */
export async function loadBackup(
  sql: Sql,
  dir: string,
  manifest: Manifest,
  ring: KeyRing,
  actor: string,
): Promise<Loaded> {
  const [lock] = await sql<[{ mine: boolean }]>`select pg_try_advisory_lock(${MIGRATION_LOCK}) as mine`;
  if (!lock.mine)
    throw new Refusal(
      'busy',
      'Another restore or a migration is running in this database. Wait until it has ended.',
    );
  await assertNobodyIsConnected(sql);
  await assertEmpty(sql, manifest);
  await sql.begin((tx) => leaveMark(tx, dir, manifest));
  try {
    const loaded = await sql.begin((tx) => load(tx, dir, manifest, ring, actor));
    await sql`analyze`;
    return loaded;
  } catch (error) {
    // A refusal is not an interruption: the database is empty again. What cannot be reached keeps its mark.
    if (error instanceof Refusal) await sql.unsafe(`drop table if exists public.${RESTORE_MARK}`);
    throw error;
  }
}

async function assertEmpty(sql: Sql, { installation }: Manifest): Promise<void> {
  const rows = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname !~ '^pg_(toast|temp)' and c.relname <> ${RESTORE_MARK}
    order by 1`;
  if (rows.length === 0) return;
  const [found] = await sql<
    [{ isThere: boolean }]
  >`select to_regclass('public.installation') is not null as "isThere"`;
  const [there] = found.isThere ? await sql<{ id: string }[]>`select id from public.installation` : [];
  const remedy =
    'Create an empty database (createdb) and let DATABASE_URL name it; nothing here was changed.';
  if (there && there.id !== installation)
    throw new Refusal(
      'other_installation',
      `The backup is of the installation ${installation}, and this database belongs to ${there.id}. ${remedy}`,
    );
  throw new Refusal(
    'not_empty',
    `A restore needs an empty database, and this one has ${rows.length} table(s), ${rows[0]!.name} first${there ? ': it is this installation, restored or never lost' : ''}. ${remedy}`,
  );
}

async function leaveMark(tx: TransactionSql, dir: string, { installation }: Manifest): Promise<void> {
  await tx.unsafe(
    `create table if not exists public.${RESTORE_MARK} (backup text not null, installation uuid not null)`,
  );
  await tx`delete from public.carillon_restore`;
  await tx`insert into public.carillon_restore (backup, installation) values (${path.resolve(dir)}, ${installation})`;
}

async function load(
  tx: TransactionSql,
  dir: string,
  manifest: Manifest,
  ring: KeyRing,
  actor: string,
): Promise<Loaded> {
  const { tables, sequences, migrations, installation, takenAt } = manifest;
  await applyMigrations(tx, 0, migrations.length);
  // Triggers would write events and settings versions again, and migrations leave a few rows of their own.
  for (const { name } of tables) await tx`alter table ${tx(name)} disable trigger user`;
  for (const { name } of [...tables].reverse()) await tx`delete from ${tx(name)}`;
  let rows = 0;
  for (const table of tables) rows += await loadTable(tx, dir, table);
  for (const { name } of tables) await tx`alter table ${tx(name)} enable trigger user`;
  for (const { table, column, last } of sequences)
    await tx`select setval(pg_get_serial_sequence(${`public.${table}`}, ${column}), ${last}::bigint)`;
  await applyMigrations(tx, migrations.length, REQUIRED_MIGRATIONS.length);
  await assertSecretsOpen(tx, ring).catch((error: unknown) => {
    if (!(error instanceof SealBroken)) throw error;
    throw new Refusal(
      'other_keys',
      `The secrets in the backup do not open with ENCRYPTION_KEYS: ${error.message}. Give the keys that the installation ${installation} had (ids: ${manifest.keyIds.join(', ')}); without them provider credentials and webhook secrets are lost.`,
    );
  });
  const marked = await markRestored(tx, takenAt);
  await audit(tx, {
    appId: null,
    actor,
    action: 'installation.restore',
    subject: `installation:${installation}`,
    detail: { restored_to: takenAt, ...marked },
  });
  await tx.unsafe(`drop table public.${RESTORE_MARK}`);
  return { ...marked, rows };
}

async function loadTable(tx: TransactionSql, dir: string, table: BackupTable): Promise<number> {
  const { name, columns } = table;
  const sink = await tx`copy ${tx(name)} (${tx(columns)}) from stdin`.writable();
  await pipeline(createReadStream(path.join(dir, fileOf(table))), createGunzip(), sink);
  const [{ count }] = await tx<[{ count: number }]>`select count(*)::int as count from ${tx(name)}`;
  if (count !== table.rows)
    throw new Refusal(
      'damaged_backup',
      `${name} has ${count} rows after loading and had ${table.rows} when it was written. Take an older backup.`,
    );
  return count;
}
