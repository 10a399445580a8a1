import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPooler } from '../apps/admin/src/doctor/pooler.ts';
import { openDatabase } from '../db/connection/client.ts';
import { poolerKind } from '../db/connection/pooler-check.ts';
import { databaseReadiness } from '../db/readiness.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { findPooler, type Pooler, startPooler } from './support/pooler.ts';
import { startProgram } from './support/program.ts';

/** What is said about a pooler that is in the wrong mode, or that the settings do not mention. */
const found = findPooler();
if ('missing' in found) console.warn(`without a pooler: ${found.missing}`);

describe.skipIf('missing' in found)('a pooler', () => {
  let database: TestDatabase;
  const poolers: Pooler[] = [];

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    await Promise.all(poolers.map((pooler) => pooler.stop()));
    await database?.drop();
  });

  const start = async (settings: Record<string, string>): Promise<string> => {
    if ('missing' in found) throw new Error(found.missing);
    const pooler = await startPooler(found, { server: database.url, settings });
    poolers.push(pooler);
    return pooler.through(database.url);
  };
  /** What a program's readiness and the doctor say, and how often advice was given over several looks. */
  const said = async (address: { url: string; pooler: 'transaction' | null; directUrl: string | null }) => {
    const db = openDatabase({ ...address, name: 'look', connections: 2 });
    const advice: string[] = [];
    const look = databaseReadiness(db, address, (sentence) => advice.push(sentence));
    for (let n = 0; n < 3; n++) await look(5_000);
    const { postgres, trouble } = await look(5_000);
    const findings = await checkPooler(db.sql, address).catch((error: { code: string }) => [
      { check: error.code, level: 'error' },
    ]);
    await db.close();
    return {
      postgres,
      problem: trouble?.problem.message ?? null,
      advice,
      findings: Object.fromEntries(findings.map(({ check, level }) => [check, level])),
    };
  };
  const IGNORED = {
    ignore_startup_parameters:
      'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,enable_seqscan,enable_hashjoin,enable_mergejoin,jit,plan_cache_mode,default_transaction_read_only',
  };

  test('its mode is found out', async () => {
    expect(await poolerKind(database.url)).toBe('none');
    for (const pool_mode of ['session', 'transaction', 'statement'])
      expect(await poolerKind(await start({ pool_mode }))).toBe(pool_mode);
  });

  test('in transaction mode, and said to be there, is in order', async () => {
    const url = await start({});
    expect(await said({ url, pooler: 'transaction', directUrl: database.url })).toEqual({
      postgres: 'ok',
      problem: null,
      advice: [],
      findings: { 'postgres pooler': 'ok', 'postgres direct': 'ok' },
    });
  });

  test('in session mode works, and one line says what it costs', async () => {
    const url = await start({ pool_mode: 'session' });
    expect(await said({ url, pooler: 'transaction', directUrl: database.url })).toEqual({
      postgres: 'ok',
      problem: null,
      advice: [expect.stringMatching(/session mode: each connection .* Set pool_mode=transaction/)],
      findings: { 'postgres pooler': 'warning', 'postgres direct': 'ok' },
    });
  });

  test('in statement mode is refused with the remedy', async () => {
    const url = await start({ pool_mode: 'statement' });
    expect(await said({ url, pooler: 'transaction', directUrl: database.url })).toMatchObject({
      postgres: 'down',
      problem: expect.stringMatching(/statement mode.*: set pool_mode=transaction/),
      advice: [],
      findings: { 'postgres pooler': 'error' },
    });
  });

  test('that refuses the settings of a session, and was not said to be there, is named', async () => {
    const url = await start({});
    expect(await said({ url, pooler: null, directUrl: url })).toMatchObject({
      postgres: 'down',
      problem: expect.stringMatching(/pooler such as PgBouncer, set DATABASE_POOLER=transaction/),
      findings: { '08P01': 'error' },
    });
  });

  test('that ignores the settings of a session, and was not said to be there, is named', async () => {
    const url = await start(IGNORED);
    expect(await said({ url, pooler: null, directUrl: url })).toMatchObject({
      postgres: 'down',
      problem: expect.stringMatching(
        /pooler in transaction mode, and DATABASE_POOLER is not set.*: set DATABASE_POOLER=transaction/,
      ),
      findings: { 'postgres pooler': 'error' },
    });
  });

  test('that DATABASE_DIRECT_URL leads to is an error, and so is none at all', async () => {
    const url = await start({});
    const of = async (directUrl: string | null) =>
      (await said({ url, pooler: 'transaction', directUrl })).findings;
    expect(await of(url)).toMatchObject({ 'postgres direct': 'error' });
    expect(await of(null)).toMatchObject({ 'postgres direct': 'error' });
  });

  test('makes a migration and a worker that relays end with the remedy', async () => {
    const url = await start({});
    const pooled = { DATABASE_URL: url, DATABASE_POOLER: 'transaction', REDIS_URL: 'redis://127.0.0.1:1' };
    for (const [script, env] of [
      ['db/migrate.ts', pooled],
      ['db/migrate.ts', { DATABASE_URL: url }],
      ['apps/worker/src/main.ts', pooled],
      ['apps/worker/src/main.ts', { ...pooled, WORKER_ROLES: 'relay:critical' }],
    ] as const) {
      const program = startProgram(script, env);
      expect(await program.exit, program.output()).toBe(1);
      expect(program.output()).toMatch(/DATABASE_DIRECT_URL.* to the address of the server behind/);
      expect(program.output()).not.toMatch(/^\s+at /m);
    }
  });
});
