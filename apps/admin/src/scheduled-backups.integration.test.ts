import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { startProgram } from '../../../test/support/program.ts';
import { until } from '../../../test/support/until.ts';

/** The process of the service `backups`, with real directories. */
const SCRIPT = 'apps/admin/src/scheduled-backups.ts';
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-backups-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A backup that was made so many seconds ago. */
function backup(name: string, secondsAgo: number): void {
  mkdirSync(path.join(dir, name));
  writeFileSync(path.join(dir, name, 'manifest.json'), '{}');
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(path.join(dir, name), at, at);
}
const start = (env: Record<string, string> = {}) => startProgram(SCRIPT, { BACKUP_DIRECTORY: dir, ...env });
/** What the health check of docker-compose.yml says. */
function isHealthy(env: Record<string, string> = {}): boolean {
  const options = { env: { PATH: process.env.PATH, NODE_ENV: 'test', BACKUP_DIRECTORY: dir, ...env } };
  return spawnSync(process.execPath, [SCRIPT, '--check'], options).status === 0;
}

test('what is older than BACKUP_KEEP_DAYS is removed while the newest is recent; drafts stay', async () => {
  backup('new', HOUR_S);
  backup('week', 7 * DAY_S);
  backup('month', 30 * DAY_S);
  backup('.partial', 30 * DAY_S);
  const service = start();
  await service.says(/removed .*month/);
  expect(readdirSync(dir).sort()).toEqual(['.partial', 'new', 'week']);
  await service.stop();
  expect(await service.exit).toBe(0);
  expect(isHealthy()).toBe(true);
});

test('the newest stays when none can be made, however old it is, and the failure is said', async () => {
  backup('old', 100 * DAY_S);
  // Without DATABASE_URL there is nothing to back up.
  const service = start();
  await service.says(/carillon-admin backup ended with \d; it is tried again in 5 minutes/);
  expect(readdirSync(dir)).toEqual(['old']);
  expect(isHealthy()).toBe(false);
  await service.stop();
  expect(await service.exit).toBe(0);
});

test('it is healthy while the newest backup is as recent as the interval says, and an hour more', () => {
  expect(isHealthy()).toBe(false);
  backup('a', 24.5 * HOUR_S);
  expect(isHealthy()).toBe(true);
  expect(isHealthy({ BACKUP_EVERY_HOURS: '12' })).toBe(false);
});

test('wrong settings are named together, with their bounds', async () => {
  const service = start({ BACKUP_EVERY_HOURS: '0', BACKUP_KEEP_DAYS: 'ten' });
  expect(await service.exit).toBe(1);
  expect(service.output()).toMatch(
    /2 problem.*BACKUP_EVERY_HOURS="0" .*8760.*BACKUP_KEEP_DAYS="ten" .*3650/s,
  );
});

test('a directory that it may not use is named', async () => {
  const service = start({ BACKUP_DIRECTORY: path.join(dir, 'nowhere') });
  expect(await service.exit).toBe(1);
  expect(service.output()).toContain(path.join(dir, 'nowhere'));
});

/** Where carillon-admin has the command. */
const HAS_COMMAND = existsSync(path.join(import.meta.dirname, 'commands/backup.ts'));
describe.runIf(HAS_COMMAND)('with a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.drop());

  test('a backup is made at once where there is none, and no second one before it is due', async () => {
    const service = start({ DATABASE_URL: database.url });
    await service.says(/the next backup is due at/);
    expect(readdirSync(dir)).toHaveLength(1);
    await until('the check', () => isHealthy());
    await service.stop();

    const again = start({ DATABASE_URL: database.url, BACKUP_EVERY_HOURS: '1' });
    await again.says(/the next backup is due at/);
    await again.stop();
    expect(readdirSync(dir)).toHaveLength(1);
  });
});
