import type { Migration } from '@carillon/db/pending-migrations';
import type { ISql, Sql, TransactionSql } from 'postgres';

/** Work over many rows that a migration does while it keeps others from writing, as PostgreSQL itself counted it. */
export interface LongLock {
  migration: string;
  /** Its first line. */
  statement: string;
  /** The table whose rows it went through. */
  table: string;
  what: 'rewrites' | 'reads' | 'changes';
  rows: number;
  /** The tables that nobody could write meanwhile. With `changes` also the rows themselves. */
  locked: readonly string[];
}

/** Fewer rows take no time worth a word, in any installation. */
const MANY = 1_000;

/**
 * Applies a migration as db/apply-migrations.ts does, and looks after each statement what PostgreSQL did for it: which
 * files were rewritten, how many rows were read and changed, and which locks the transaction holds. Time plays no part: what
 * is found here takes as long as the table is large.
 *
 * @param sql a client with one connection, to a database with more than a thousand rows in every growing table.
 * @param isKept false undoes it again.
 */
export async function measureLocks(sql: Sql, migration: Migration, isKept = true): Promise<LongLock[]> {
  const found: LongLock[] = [];
  const undone = new Error('undone');
  await sql
    .begin(async (tx) => {
      // Workers would count their rows elsewhere.
      await tx`set local max_parallel_maintenance_workers = 0`;
      await tx`set local max_parallel_workers_per_gather = 0`;
      let before = await snapshot(tx);
      for (const text of migration.statements) {
        await tx.unsafe(text);
        const after = await snapshot(tx);
        const statement = text
          .replace(/^\s*--.*$/gm, '')
          .trim()
          .split('\n')[0]!;
        const locked = await lockedTables(tx);
        found.push(
          ...differences(before, after, locked).map((each) => ({
            ...each,
            migration: migration.name,
            statement,
          })),
        );
        before = after;
      }
      await tx`
        insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.at})`;
      if (!isKept) throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return found;
}

interface TableState {
  rows: number;
  file: string;
  read: number;
  changed: number;
}

async function snapshot(tx: TransactionSql): Promise<Map<string, TableState>> {
  const rows = await tx<(TableState & { name: string })[]>`
    select c.relname as name, greatest(c.reltuples, 0)::int as rows, pg_relation_filenode(c.oid)::text as file,
      coalesce(s.seq_tup_read, 0)::int as read, coalesce(s.n_tup_upd + s.n_tup_del, 0)::int as changed
    from pg_class c left join pg_stat_xact_user_tables s on s.relid = c.oid
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`;
  return new Map(rows.map(({ name, ...state }) => [name, state]));
}

/** Tables with many rows that nobody else may write until this transaction ends. */
async function lockedTables(tx: ISql): Promise<string[]> {
  const rows = await tx<{ name: string }[]>`
    select distinct c.relname as name from pg_locks l join pg_class c on c.oid = l.relation
    where l.pid = pg_backend_pid() and l.granted and c.relkind = 'r' and c.reltuples >= ${MANY}
      and c.relnamespace = 'public'::regnamespace
      and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    order by 1`;
  return rows.map(({ name }) => name);
}

function differences(
  before: ReadonlyMap<string, TableState>,
  after: ReadonlyMap<string, TableState>,
  locked: readonly string[],
): Pick<LongLock, 'table' | 'what' | 'rows' | 'locked'>[] {
  return [...after].flatMap(([table, now]) => {
    const then = before.get(table);
    if (!then || then.rows < MANY) return [];
    const changed = now.changed - then.changed;
    const read = now.read - then.read;
    const found = (what: LongLock['what'], rows: number) => [{ table, what, rows, locked }];
    if (now.file !== then.file) return found('rewrites', then.rows);
    if (changed >= MANY) return found('changes', changed);
    return read >= MANY && locked.length > 0 ? found('reads', read) : [];
  });
}
