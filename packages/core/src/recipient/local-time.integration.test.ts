import fc from 'fast-check';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { instantOfLocal } from './local-time.ts';

/** With every kind of change: an hour, half an hour, two hours, a day; south and north; below the date line and above. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Africa/Casablanca',
  'Africa/Cairo',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Antarctica/Troll',
];

/** Rules of later years may be in one of the two tables and not in the other yet, as those of Morocco. */
const SETTLED = Date.UTC(2026, 0);

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

test('an instant of a local time is the one that PostgreSQL computes, also around every change of a clock', async () => {
  const minutes = fc.integer({ min: Date.UTC(2010, 0), max: SETTLED }).map((ms) => ms - (ms % 60_000));
  const asked = ZONES.flatMap((zone) => [
    ...fc.sample(minutes, 200).map((wallMs) => ({ zone, wallMs })),
    ...aroundChanges(zone).map((wallMs) => ({ zone, wallMs })),
    // The day that Samoa never had.
    ...[0, 6, 12, 18, 24].map((hour) => ({ zone, wallMs: Date.UTC(2011, 11, 30, hour) })),
  ]);
  const rows = await sql<{ ms: string }[]>`
    select (extract(epoch from wall at time zone zone) * 1000)::bigint as ms
    from unnest(
      ${asked.map(({ zone }) => zone)}::text[],
      ${asked.map(({ wallMs }) => new Date(wallMs).toISOString().slice(0, 23))}::text[]::timestamp[]
    ) with ordinality as asked (zone, wall, n)
    order by n`;
  const others = asked.filter(({ zone, wallMs }, n) => instantOfLocal(wallMs, zone) !== Number(rows[n]!.ms));
  expect(others.map(({ zone, wallMs }) => `${zone} ${new Date(wallMs).toISOString()}`)).toEqual([]);
});

/** Every half hour from a day before each change of the clock to a day after it. */
function aroundChanges(zone: string): number[] {
  const [hour, week] = [3_600_000, 7 * 86_400_000];
  const offset = (atMs: number) => instantOfLocal(atMs, zone) - atMs;
  const walls: number[] = [];
  for (let from = Date.UTC(2019, 0); from < SETTLED; from += week) {
    let [before, after] = [from, from + week];
    if (offset(before) === offset(after)) continue;
    const first = offset(before);
    while (after - before > hour) {
      const middle = before + Math.floor((after - before) / 2);
      if (offset(middle) === first) before = middle;
      else after = middle;
    }
    const change = before - (before % hour);
    for (let wall = change - 24 * hour; wall < change + 24 * hour; wall += hour / 2) walls.push(wall);
  }
  return walls;
}
