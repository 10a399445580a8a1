import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { findPooler, type Pooler, startPooler } from '../../test/support/pooler.ts';
import { insertApp } from '../../test/support/rows.ts';
import { until } from '../../test/support/until.ts';
import { type Database, openDatabase } from './client.ts';
import { openSession } from './session.ts';
import { openSetStatements, type SetStatements } from './set-statements.ts';

const found = findPooler();
if ('missing' in found) console.warn(`without a pooler: ${found.missing}`);

describe.skipIf('missing' in found)('behind a pooler in transaction mode', () => {
  let database: TestDatabase;
  let pooler: Pooler;
  let db: Database;
  let sets: SetStatements;

  beforeAll(async () => {
    database = await testDatabase();
    if ('missing' in found) return;
    // Fewer connections than we open, so that all are shared.
    pooler = await startPooler(found, { server: database.url, settings: { default_pool_size: '3' } });
    const address = {
      url: pooler.through(database.url),
      pooler: 'transaction',
      directUrl: database.url,
    } as const;
    const options = {
      ...address,
      name: 'pooled',
      connections: 8,
      statementTimeoutMs: 2_000,
      lockTimeoutMs: 700,
    };
    db = openDatabase(options);
    sets = openSetStatements({ ...address, name: 'pooled' });
  });
  afterAll(async () => {
    await db?.close();
    await sets?.close();
    await pooler?.stop();
    await database?.drop();
  });

  const NAMES = [
    'statement_timeout',
    'lock_timeout',
    'enable_seqscan',
    'jit',
    'idle_in_transaction_session_timeout',
  ];
  const settings = (sql: Database['sql'] | SetStatements['sql']) => sql<{ name: string; value: string }[]>`
    select name, current_setting(name) as value from unnest(${NAMES}::text[]) as name`;
  const valuesOf = (rows: readonly { value: string }[]) => rows.map(({ value }) => value);
  const OF_ITS_OWN = ['2s', '700ms', 'off', 'off', '0'];
  const IN_A_TRANSACTION = ['2s', '700ms', 'off', 'off', '12s'];
  const OF_SETS = ['1min', '20s', 'on', 'off', '0'];

  test('each statement and each transaction has the settings of its pool, whatever ran before on its connection', async () => {
    for (let round = 0; round < 20; round++) {
      const [single, kept, set, inside] = await Promise.all([
        settings(db.sql),
        settings(db.kept),
        settings(sets.sql),
        db.sql.begin((tx) => settings(tx as unknown as Database['sql'])),
      ]);
      expect(valuesOf(single)).toEqual(OF_ITS_OWN);
      expect(valuesOf(kept)).toEqual(OF_ITS_OWN);
      expect(valuesOf(set)).toEqual(OF_SETS);
      expect(valuesOf(inside)).toEqual(IN_A_TRANSACTION);
    }
  });

  test('statements without parameters, of several words and in text have them as well', async () => {
    const [row] = await db.sql`select current_setting('statement_timeout') as value`;
    expect(row).toEqual({ value: '2s' });
    const [simple] = await db.sql.unsafe(`select current_setting('enable_seqscan') as value`);
    expect(simple).toEqual({ value: 'off' });
    expect(await db.orm.execute(`select current_setting('statement_timeout') as value`)).toMatchObject([
      { value: '2s' },
    ]);
  });

  test('nothing of it stays in a session of the server', async () => {
    await Promise.all(Array.from({ length: 30 }, () => db.sql`select ${1}::int`));
    const plain = openSession({ url: pooler.through(database.url), name: 'another program' });
    for (let n = 0; n < 10; n++) {
      const [row] =
        await plain.unsafe(`select current_setting('enable_seqscan') as seqscan, current_setting('statement_timeout') as timeout,
        (select count(*)::int from pg_prepared_statements) as prepared`);
      expect(row).toEqual({ seqscan: 'on', timeout: '0', prepared: 0 });
    }
    await plain.end();
  });

  test('four hundred at once: every statement gets its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 400 }, async (_, n) => {
        if (n % 5 === 0)
          return db.sql.begin(async (tx) => {
            const [one] = await tx<{ n: number }[]>`select ${n}::int as n`;
            const [two] = await tx<{ n: number }[]>`select ${one!.n} + 1 as n`;
            return two!.n - 1;
          });
        if (n % 7 === 0) return (await db.sql.unsafe<{ n: number }[]>(`select ${n} as n`))[0]!.n;
        const [row] = await db.sql<
          { n: number; texts: string[] }[]
        >`select ${n}::int as n, ${['a', `b${n}`]}::text[] as texts`;
        expect(row!.texts[1]).toBe(`b${n}`);
        return row!.n;
      }),
    );
    expect(answers).toEqual(answers.map((_, n) => n));
  });

  test('a statement that fails, is too slow or waits too long for a lock fails alone, with its own error', async () => {
    const failed = (work: PromiseLike<unknown>) =>
      Promise.resolve(work).then(
        () => 'done',
        (error) => error.code,
      );
    const appId = await insertApp(db.sql);
    const ends = await db.sql.begin(async (tx) => {
      await tx`select from apps where id = ${appId} for update`;
      return Promise.all([
        failed(db.sql`select ${1}::int / ${0}::int`),
        failed(db.sql`select nothing from nowhere`),
        failed(db.sql`select from nowhere where a = ${1}`),
        failed(db.sql`select pg_sleep(${20}::int)`),
        failed(db.sql`update apps set name = name where id = ${appId}`),
        failed(db.sql`select ${1}::int`),
        failed(db.sql.unsafe('select 1; select nothing')),
      ]);
    });
    expect(ends).toEqual(['22012', '42P01', '42P01', '57014', '55P03', 'done', '42703']);
  });

  test('rows that come in many pieces arrive whole', async () => {
    const [row] = await db.sql<{ long: string }[]>`select repeat(${'ä'}, 3000000) as long`;
    expect(row!.long).toBe('ä'.repeat(3_000_000));
    const rows = await db.sql<{ n: number }[]>`select n from generate_series(1, ${50_000}::int) as n`;
    expect(rows.reduce((sum, { n }) => sum + n, 0)).toBe(1_250_025_000);
  });

  test('a table of a transaction, filled by COPY, is gone with it', async () => {
    await sets.sql.begin(async (tx) => {
      await tx`create temp table staged (n int) on commit drop`;
      const writable = await tx`copy staged from stdin`.writable();
      await new Promise<void>((resolve, reject) => {
        writable.once('error', reject).once('finish', resolve);
        writable.end('1\n2\n3\n');
      });
      expect(await tx`select sum(n)::int as sum from staged`).toMatchObject([{ sum: 6 }]);
    });
    await expect(Promise.resolve(sets.sql`select from staged`)).rejects.toMatchObject({ code: '42P01' });
  });

  test('wake-ups come over the direct connection, and without one that is said', async () => {
    const heard: string[] = [];
    const { unlisten } = await db.listen('pooled_test', (payload) => heard.push(payload));
    await db.sql`select pg_notify('pooled_test', ${'a signal'})`;
    await until('the signal', () => heard.includes('a signal'));
    await unlisten();
    const blind = openDatabase({ url: pooler.through(database.url), pooler: 'transaction', name: 'blind' });
    await expect(blind.listen('pooled_test', () => {})).rejects.toThrow('DATABASE_DIRECT_URL is not set');
    await blind.close();
  });

  test('a pool that only reads refuses a write', async () => {
    const address = { url: pooler.through(database.url), pooler: 'transaction' } as const;
    const writes: ((db: Database) => PromiseLike<unknown>)[] = [
      ({ sql }) => sql`delete from apps where id = ${null}`,
      ({ sql }) => sql.begin((tx) => tx`delete from apps`),
      ({ sql }) => sql.unsafe('delete from apps'),
    ];
    for (const write of writes) {
      const reading = openDatabase({ ...address, name: 'reads', readOnly: true });
      expect(await reading.sql`select ${1}::int as one`).toMatchObject([{ one: 1 }]);
      // A session that cannot write is ended, in a transaction before its error arrives (read-only-sessions.ts).
      await expect(Promise.resolve(write(reading))).rejects.toMatchObject({
        code: expect.stringMatching(/^(25006|CONNECTION_CLOSED)$/),
      });
      await reading.close();
    }
  });
});
