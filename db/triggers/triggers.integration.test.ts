import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ANNOUNCED_STATES, EVENT_TYPES } from '@carillon/core/webhook/event';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { dumpSchema } from '../dump-schema.ts';

const sources = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.sql'))
  // A function comes before the triggers of other files that call it.
  .sort()
  .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'));

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const named = (kind: 'function' | 'trigger') =>
  sources
    .flatMap((text) => [...text.matchAll(new RegExp(`^create or replace ${kind} (\\w+)`, 'gm'))])
    .map((match) => match[1]!);

test('the files in this folder are the triggers and functions that the migrations make, and all of them', async () => {
  const migrated = await dumpSchema(sql);
  for (const text of sources) await sql.unsafe(text);
  expect(await dumpSchema(sql)).toBe(migrated);

  const functions = await sql<{ name: string }[]>`
    select proname as name from pg_proc where pronamespace = 'public'::regnamespace`;
  expect(named('function').sort()).toEqual(functions.map(({ name }) => name).sort());
  const triggers = await sql<{ name: string }[]>`
    select tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not tgisinternal and c.relnamespace = 'public'::regnamespace`;
  expect(named('trigger').sort()).toEqual(triggers.map(({ name }) => name).sort());
});

test('exactly the states of ANNOUNCED_STATES are events, and each has its type', async () => {
  const [trigger] = await sql<{ text: string }[]>`
    select pg_get_triggerdef(oid) as text from pg_trigger where tgname = 'notification_event'`;
  const list = /new\.state = ANY \(ARRAY\[(.*?)\]/.exec(trigger!.text)![1]!;
  expect([...list.matchAll(/'(\w+)'/g)].map((match) => match[1])).toEqual([...ANNOUNCED_STATES]);
  for (const state of ANNOUNCED_STATES) expect(Object.keys(EVENT_TYPES)).toContain(`notification.${state}`);
});
