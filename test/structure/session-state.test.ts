import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/**
 * Behind a pooler in transaction mode a session of the server belongs to nobody for longer than a transaction: state that is left
 * in it is lost, or met by somebody else.
 */
const ROOT = path.join(import.meta.dirname, '../..');
const STATE: Readonly<Record<string, RegExp>> = {
  'a lock of the session': /pg_(try_)?advisory_(lock|unlock)\b(?!_xact)/i,
  'a setting of the session': /`\s*set (?!local\b|constraints\b)[a-z_.]+ *(=|to) /i,
  'a setting of the session by function': /set_config\([^)]*, *false\)/i,
  'a table of the session': /create temp(orary)? table (?!.*on commit drop)/i,
  'a cursor of the session': /with hold/i,
  'a statement of the session': /`\s*(prepare|deallocate|discard) /i,
  'a connection kept': /\.reserve\(\)/,
  notifications: /\bsql\)?\.listen\(|`\s*listen /,
};
/** What runs in a session of PostgreSQL itself, by DATABASE_DIRECT_URL. */
const DIRECT: Readonly<Record<string, readonly string[]>> = {
  'db/migrate.ts': ['a lock of the session'],
  'db/backup/load-backup.ts': ['a lock of the session'],
  'db/connection/client.ts': ['notifications'],
};

test('no code behind the pooler leaves state in a session', () => {
  const files = globSync('{db,apps,packages}/**/*.ts', {
    cwd: ROOT,
    exclude: (name) => /(^|\/)node_modules$/.test(name),
  }).filter((file) => !/\.test\.ts$|^apps\/(local|simulator)\/|node_modules/.test(file));
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    return Object.keys(STATE)
      .filter((kind) => STATE[kind]!.test(text))
      .map((kind) => [file, kind] as const);
  });
  expect(found).toEqual(
    Object.entries(DIRECT)
      .flatMap(([file, kinds]) => kinds.map((kind) => [file, kind] as const))
      .sort(([a], [b]) => found.findIndex(([file]) => file === a) - found.findIndex(([file]) => file === b)),
  );
});

test.each([
  ['a lock of the session', 'select pg_advisory_lock(1)'],
  ['a setting of the session', '`set jit = off`'],
  ['a setting of the session by function', "select set_config('jit', 'off', false)"],
  ['a table of the session', 'create temp table t (n int)'],
  ['a connection kept', 'await sql.reserve()'],
  ['notifications', "sql.listen('a', f)"],
])('%s is recognised', (kind, text) => {
  expect(text).toMatch(STATE[kind]!);
});
