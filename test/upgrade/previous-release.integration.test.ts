import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { REQUIRED_MIGRATIONS } from '@carillon/db/required-migrations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingHistory, PREVIOUS, previousFile } from './previous-release.ts';

const ROOT = path.join(import.meta.dirname, '../..');

describe('a checkout', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-history-'));
  const whole = path.join(dir, 'whole');
  const shallow = path.join(dir, 'shallow');
  let commits: string[] = [];
  const git = (root: string, ...args: string[]): string => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.test'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const missing = (root: string, commit: string) =>
    missingHistory({ root, previous: { commit, lastMigration: '' } });

  beforeAll(() => {
    mkdirSync(whole);
    git(whole, 'init', '--quiet');
    commits = ['first', 'second'].map((message) => {
      git(whole, 'commit', '--quiet', '--allow-empty', '-m', message);
      return git(whole, 'rev-parse', 'HEAD');
    });
    git(dir, 'clone', '--quiet', '--depth', '1', `file://${whole}`, shallow);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('with the whole history has the previous release', () => {
    expect(missing(whole, commits[0]!)).toBeNull();
  });

  test('that is shallow lacks it, and says how to get it', () => {
    expect(missing(shallow, commits[0]!)).toContain('run "git fetch --unshallow"');
  });

  test('that is no git checkout says so', () => {
    expect(missing(dir, commits[0]!)).toContain('This is no git checkout');
  });

  test('of the whole history without the commit, or with one that is no ancestor, is an error in the file', () => {
    expect(() => missing(whole, '0'.repeat(40))).toThrow('does not have the previous release');
    const [old] = commits;
    git(whole, 'checkout', '--quiet', '--orphan', 'other');
    git(whole, 'commit', '--quiet', '--allow-empty', '-m', 'elsewhere');
    expect(() => missing(whole, old!)).toThrow('is not an ancestor');
  });
});

const reason = missingHistory();
describe.skipIf(reason !== null && !process.env.CI)('db/previous-release.json', () => {
  test('names the newest migration of its commit', () => {
    const journal = JSON.parse(previousFile('db/migrations/meta/_journal.json')) as {
      entries: { tag: string }[];
    };
    expect(journal.entries.at(-1)?.tag).toBe(PREVIOUS.lastMigration);
  });

  // They are applied somewhere, and are never applied there again.
  test.each(REQUIRED_MIGRATIONS.slice(0, REQUIRED_MIGRATIONS.indexOf(PREVIOUS.lastMigration) + 1))(
    'the released migration %s is unchanged',
    (name) => {
      const file = `db/migrations/${name}.sql`;
      expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(previousFile(file));
    },
  );
});
