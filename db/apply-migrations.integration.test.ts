import postgres, { type Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../test/support/database.ts';
import { type MoreMigrations, moreMigrations } from '../test/support/more-migrations.ts';
import { until } from '../test/support/until.ts';
import { migrate } from './migrate.ts';
import { missingMigrations } from './required-migrations.ts';

let database: TestDatabase;
let sql: Sql;
let later: MoreMigrations | null = null;

beforeEach(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 3, onnotice: () => {} });
});
afterEach(async () => {
  later?.remove();
  later = null;
  await sql.end();
  await database.drop();
});

const hasColumn = async (name: string): Promise<boolean> => {
  const rows =
    await sql`select from information_schema.columns where table_name = 'apps' and column_name = ${name}`;
  return rows.length === 1;
};

describe('a migration that fails halfway', () => {
  const FAILS = `alter table apps add column half_done text;
--> statement-breakpoint
-- Divides.
select 1 / (count(*) - count(*)) from apps;`;

  test('leaves nothing of it behind, keeps those before it, and can be run again', async () => {
    later = moreMigrations(['alter table apps add column whole text;', FAILS]);
    await expect(migrate(database.url, later)).rejects.toThrow('division by zero');
    expect(await hasColumn('half_done')).toBe(false);
    expect(await hasColumn('whole')).toBe(true);
    expect(await missingMigrations(sql)).toEqual([]);
    later.remove();
    later = moreMigrations([
      'alter table apps add column whole text;',
      'alter table apps add column half_done text;',
    ]);
    await migrate(database.url, later);
    expect(await hasColumn('half_done')).toBe(true);
  });

  test('says in which statement, what is left, and that the running programs go on', async () => {
    later = moreMigrations(['alter table apps add column whole text;', FAILS]);
    await expect(migrate(database.url, later)).rejects.toThrow(
      'The migration later_2 could not be applied: division by zero (22012, at select 1 / (count(*) - count(*)) from apps;). ' +
        'Nothing of it is left in the database. later_1 before it stay applied. Programs of the release before work with the ' +
        'database as it is: leave them running, and do not start the new ones.',
    );
  });
});

describe('a migration that finds its table locked', () => {
  const PATIENCE = { lockTimeoutMs: 100, pauseMs: 50, giveUpAfterMs: 60_000 };
  const ADDS = 'alter table apps add column whole text;';

  /** A session that has read the table and does not end its transaction. */
  async function reader(): Promise<{ end(): Promise<void> }> {
    const session = postgres(database.url, { max: 1, connection: { application_name: 'a long report' } });
    const reserved = await session.reserve();
    await reserved`begin`;
    await reserved`select count(*) from apps`;
    return {
      end: async () => {
        await reserved`rollback`;
        reserved.release();
        await session.end();
      },
    };
  }

  test('lets others pass while it waits, says who is in the way, and is applied when the lock is free', async () => {
    later = moreMigrations([ADDS]);
    const report = await reader();
    const said: string[] = [];
    const migrated = migrate(database.url, { ...later, patience: PATIENCE, say: (line) => said.push(line) });
    await until('the migration to wait', () => said.length > 0);
    expect(said[0]).toMatch(
      /^The migration later_1 cannot lock what it changes; the oldest open transaction is that of the session \d+ \(a long report, idle in transaction\), since \d+\.\d s\. It lets the others pass and tries again in 0\.05 s\.$/,
    );
    // Behind a migration that waits without a limit this would wait for the end of the report.
    await sql`insert into apps (name) values ('Shop')`;
    expect(await hasColumn('whole')).toBe(false);
    await report.end();
    await migrated;
    expect(await hasColumn('whole')).toBe(true);
  });

  test('gives up in the end, with the session that is in the way and nothing left behind', async () => {
    later = moreMigrations([ADDS]);
    const report = await reader();
    const patience = { ...PATIENCE, giveUpAfterMs: 150 };
    await expect(migrate(database.url, { ...later, patience, say: () => {} })).rejects.toThrow(
      /\(a long report, idle in transaction\).* It gave up after .*Nothing of it is left.*pg_terminate_backend/,
    );
    await report.end();
    expect(await hasColumn('whole')).toBe(false);
  });
});
