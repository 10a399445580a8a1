import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** The `.env` file of the working directory, as a program reads it: the migration, which starts fastest. */
const MIGRATE = path.join(import.meta.dirname, '../../../../db/migrate.ts');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-env-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** What it reports about DATABASE_URL, which is invalid in all cases here, so that nothing is migrated. */
const said = (env: Record<string, string>): string =>
  spawnSync(process.execPath, [MIGRATE], { cwd: dir, env, encoding: 'utf8' }).stderr;

test('settings come from .env where the environment has none, and the environment wins', () => {
  writeFileSync(path.join(dir, '.env'), 'DATABASE_URL=http://of-the-file.example\n');
  expect(said({})).toContain('DATABASE_URL="http://of-the-file.example"');
  expect(said({ DATABASE_URL: 'http://of-the-shell.example' })).toContain('"http://of-the-shell.example"');
}, 60_000);

test('with NODE_ENV=test the developer’s file is ignored', () => {
  writeFileSync(path.join(dir, '.env'), 'DATABASE_URL=http://of-the-file.example\n');
  expect(said({ NODE_ENV: 'test' })).toContain('DATABASE_URL is not set');
}, 60_000);

test('a missing .env is fine, and one that cannot be read is named', () => {
  expect(said({})).toContain('DATABASE_URL is not set');
  mkdirSync(path.join(dir, '.env'));
  expect(said({})).toMatch(/\.env in .* cannot be read .*: correct its owner and mode, or remove it/);
}, 60_000);
