import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { until } from '../../test/support/until.ts';
import { openDatabase } from './client.ts';
import { openSetStatements } from './set-statements.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('busy connections are those with a statement or a transaction in progress, of all pools', async () => {
  const db = openDatabase({ url: database.url, name: 'test', connections: 6 });
  const busy = () => db.connections().inUse;
  try {
    // 6 of `sql`, and 4 each of the others.
    expect(db.connections()).toEqual({ inUse: 0, max: 14 });
    await db.sql`select 1`;
    expect(busy()).toBe(0);
    await db.kept.begin(async (holder) => {
      await holder`select pg_advisory_xact_lock(1)`;
      expect(busy()).toBe(1);
      await db.orm.transaction(async (tx) => {
        await tx.execute('select 1');
        expect(busy()).toBe(2);
      });
    });
    await until('the transactions to be over', () => busy() === 0);
    const holder = db.kept.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(1)`;
      // A statement outside of a transaction that waits is busy, too.
      const waiting = db.sql`select pg_advisory_lock(1)`.execute();
      await until('a statement to wait', async () => {
        const [row] =
          await tx`select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`;
        return row?.count === 1;
      });
      expect(busy()).toBe(2);
      return { waiting };
    });
    await (await holder).waiting;
    await until('none to be busy', () => busy() === 0);
  } finally {
    await db.close();
  }
});

test('read-only pools refuse every write, and others take them', async () => {
  for (const readOnly of [true, false]) {
    const options = { url: database.url, name: 'test', readOnly };
    const db = openDatabase(options);
    const sets = openSetStatements(options);
    try {
      for (const pool of [db.sql, db.kept, sets.sql]) {
        const written = pool`update redis_epoch set epoch = epoch`.then(
          () => null,
          ({ code }: { code: string }) => code,
        );
        expect(await written).toBe(readOnly ? '25006' : null);
      }
    } finally {
      await sets.close();
      await db.close();
    }
  }
});
