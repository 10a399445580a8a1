import { readTimeZone, TIME_ZONES } from '@carillon/core/recipient/time-zone';
import { OLDER_NAMES } from '@carillon/core/recipient/time-zone-names';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test('every accepted time zone is known to PostgreSQL and to ICU, in the stored case', async () => {
  const rows = await sql<{ name: string }[]>`select name from pg_timezone_names`;
  const known = new Set(rows.map(({ name }) => name));
  expect(TIME_ZONES.filter((zone) => !known.has(zone))).toEqual([]);
  expect(TIME_ZONES.filter((zone) => !('zone' in readTimeZone(zone)))).toEqual([]);
  for (const zone of TIME_ZONES) expect(readTimeZone(zone.toUpperCase())).toEqual({ zone });
  for (const zone of Object.values(OLDER_NAMES)) expect(TIME_ZONES).toContain(zone);
});

test('every zone that ICU lists is accepted', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((zone) => !TIME_ZONES.includes(zone))).toEqual([]);
});

test('no abbreviation is accepted, whatever PostgreSQL or ICU take it for', async () => {
  const rows = await sql<{ abbrev: string }[]>`select abbrev from pg_timezone_abbrevs`;
  const abbreviations = rows.map(({ abbrev }) => abbrev).filter((abbrev) => !['UTC', 'GMT'].includes(abbrev));
  expect(abbreviations.length).toBeGreaterThan(100);
  expect(abbreviations.filter((abbrev) => 'zone' in readTimeZone(abbrev))).toEqual([]);
});
