import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Refusal } from '@carillon/core/program/refusal';
import type { Sql, TransactionSql } from 'postgres';
import { MIGRATE_COMMAND, missingMigrations, REQUIRED_MIGRATIONS } from '../required-migrations.ts';
import { type BackupTable, FORMAT, fileOf, MANIFEST, type Manifest } from './manifest.ts';

export interface Written {
  dir: string;
  manifest: Manifest;
  bytes: number;
  /** Older backups of the installation that were removed. */
  removed: string[];
}

/** Sessions and links for passwords end with a restore. */
const WITHOUT_ROWS = ['staff_sessions', 'staff_logins', 'staff_tokens', 'staff_rate_limits'];
const LEAST_COMPRESSION = 1;
const DRAFT = '.partial-';
/** No backup takes as long. */
const ABANDONED_AFTER_MS = 7 * 86_400_000;

/**
 * Writes a backup of the database as a new directory in `to`, while the programs run: all tables as of one moment. It
 * is written under another name, flushed to the disk and renamed, so that what has the name of a backup is a complete
 * one; only its owner may read it.
 *
 * @param sql one session, without a statement timeout.
 * @param keep how many backups of this installation stay; null keeps all.
 * @throws Refusal.
 */
export async function writeBackup(sql: Sql, to: string, keep: number | null): Promise<Written> {
  const missing = await missingMigrations(sql);
  if (missing.length > 0)
    throw new Refusal(
      'not_migrated',
      `The database lacks ${missing.join(', ')}. Run "${MIGRATE_COMMAND}" with this DATABASE_URL first, or use the release that made it.`,
    );
  const draft = path.join(to, `${DRAFT}${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(to, { recursive: true, mode: 0o700 });
    await removeAbandoned(to);
    await mkdir(draft, { mode: 0o700 });
    const manifest = await sql.begin('isolation level repeatable read read only', (tx) => dump(tx, draft));
    await writeDurably(path.join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await flush(draft);
    const dir = path.join(to, nameOf(manifest));
    await rename(draft, dir);
    await flush(to);
    const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, 0);
    return { dir, manifest, bytes, removed: keep === null ? [] : await removeOlder(to, manifest, keep) };
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
    throw asRefusal(error, to);
  }
}

async function dump(tx: TransactionSql, dir: string): Promise<Manifest> {
  const names = await tablesOf(tx);
  // Before the snapshot is taken: a migration in between would make it another schema.
  await tx`lock table ${tx(names[0]!)} in access share mode`;
  for (const name of names.slice(1)) await tx`lock table ${tx(name)} in access share mode`;
  const [moment] = await tx<[{ takenAt: string; installation: string }]>`
    select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "takenAt", id as installation
    from installation`;
  const tables: BackupTable[] = [];
  for (const name of names) if (!WITHOUT_ROWS.includes(name)) tables.push(await dumpTable(tx, dir, name));
  const states = await tx<{ state: string; count: number }[]>`
    select state, count(*)::int as count from notifications group by state order by state`;
  const keys = await tx<{ id: string }[]>`
    select key_id as id from provider_accounts where key_id is not null
    union select key_id from webhook_endpoints where key_id is not null order by 1`;
  return {
    format: FORMAT,
    ...moment,
    migrations: [...REQUIRED_MIGRATIONS],
    keyIds: keys.map(({ id }) => id),
    notifications: Object.fromEntries(states.map(({ state, count }) => [state, count])),
    tables,
    sequences: await sequencesOf(tx),
  };
}

/** Ordered so that a table comes after those it refers to. */
async function tablesOf(tx: TransactionSql): Promise<string[]> {
  const rows = await tx<{ name: string; refers: string[] | null }[]>`
    select c.relname as name, (
      select array_agg(distinct f.relname::text) from pg_constraint k join pg_class f on f.oid = k.confrelid
      where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid
    ) as refers
    from pg_class c
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
    order by c.relname`;
  const ordered: string[] = [];
  const add = (name: string): void => {
    if (ordered.includes(name)) return;
    for (const other of rows.find((row) => row.name === name)?.refers ?? []) add(other);
    ordered.push(name);
  };
  for (const { name } of rows) add(name);
  return ordered;
}

async function dumpTable(tx: TransactionSql, dir: string, name: string): Promise<BackupTable> {
  const columns = (
    await tx<{ name: string }[]>`
      select attname as name from pg_attribute
      where attrelid = ${name}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
      order by attnum`
  ).map((row) => row.name);
  const sum = createHash('sha256');
  let rows = 0;
  let bytes = 0;
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      // A row is a line: COPY escapes the line breaks in values.
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows++;
      yield chunk;
    }
  }
  const summed = new Transform({
    transform(chunk: Buffer, _, done) {
      sum.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const source = await tx`copy ${tx(name)} (${tx(columns)}) to stdout`.readable();
  const file = createWriteStream(path.join(dir, fileOf({ name })), { mode: 0o600, flush: true });
  await pipeline(gathered(source), counted, createGzip({ level: LEAST_COMPRESSION }), summed, file);
  return { name, columns, rows, bytes, sha256: sum.digest('hex') };
}

const GATHERED_BYTES = 256 * 1024;

/** The server sends a message for each row; each would pass through the whole pipeline alone. */
async function* gathered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < GATHERED_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  yield Buffer.concat(waiting);
}

const sequencesOf = (tx: TransactionSql) => tx<Manifest['sequences']>`
  select t.relname as table, a.attname as column, q.last_value::text as last
  from pg_sequences q
  join pg_class s on s.relname = q.sequencename and s.relnamespace = 'public'::regnamespace
  join pg_depend d on d.objid = s.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0
  join pg_class t on t.oid = d.refobjid
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where q.schemaname = 'public' and q.last_value is not null
  order by 1, 2`;

/** Names sort by time. */
function nameOf({ installation, takenAt }: Manifest): string {
  return `carillon-${installation.slice(0, 8)}-${takenAt.replaceAll(/[-:.]/g, '')}`;
}

async function removeOlder(to: string, manifest: Manifest, keep: number): Promise<string[]> {
  const ours = `carillon-${manifest.installation.slice(0, 8)}-`;
  const names = (await readdir(to))
    .filter((name) => name.startsWith(ours) && /^\d{8}T\d{12}Z$/.test(name.slice(ours.length)))
    .sort();
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) await rm(path.join(to, name), { recursive: true });
  return old;
}

/** Of backups whose process was killed. */
async function removeAbandoned(to: string): Promise<void> {
  for (const name of await readdir(to)) {
    if (!name.startsWith(DRAFT)) continue;
    const draft = path.join(to, name);
    const { mtimeMs } = await stat(draft);
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(draft, { recursive: true, force: true });
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function flush(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const OF_FILES = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EIO',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

function asRefusal(error: unknown, to: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!OF_FILES.has(code ?? '')) return error;
  return new Refusal(
    'files',
    `The backup cannot be written to ${to}: ${message}. Nothing of it is left. Look at the free space and at the rights of this user there.`,
  );
}
