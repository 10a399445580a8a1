import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { until } from '../../test/support/until.ts';
import { openSetStatements, type SetStatements } from './set-statements.ts';

let database: TestDatabase;
let sets: SetStatements;
beforeAll(async () => {
  database = await testDatabase();
  sets = openSetStatements({ url: database.url, name: 'test' });
});
afterAll(async () => {
  await sets.close();
  await database.drop();
});

test('set statements may scan and hash, and end after a minute', async () => {
  const settings = await sets.sql<{ name: string; setting: string }[]>`
    select name, setting from pg_settings
    where name in ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'statement_timeout', 'application_name')
    order by name`;
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    application_name: 'test-sets',
    enable_hashjoin: 'on',
    enable_mergejoin: 'on',
    enable_seqscan: 'on',
    statement_timeout: '60000',
  });
});

test('two run at a time; a third one waits for its turn', async () => {
  const over: string[] = [];
  let third: Promise<unknown> | undefined;
  await sets.sql.begin(async (first) => {
    await first`select 1`;
    await sets.sql.begin(async (second) => {
      await second`select 1`;
      third = sets.sql`select 1`.then(() => over.push('third'));
      expect(sets.connections()).toEqual({ inUse: 2, max: 2 });
      over.push('second');
    });
  });
  await third;
  expect(over).toEqual(['second', 'third']);
  await until('no connection to be busy', () => sets.connections().inUse === 0);
});
