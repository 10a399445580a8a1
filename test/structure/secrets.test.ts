import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import { afterAll, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-secrets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What `npm run secrets` says of a file with this text. */
function scan(name: string, text: string) {
  const file = path.join(dir, name);
  writeFileSync(file, text);
  const args = ['--secretlintrc', path.join(ROOT, '.secretlintrc.json'), file];
  const { status, stdout } = spawnSync(path.join(ROOT, 'node_modules/.bin/secretlint'), args, {
    cwd: dir,
    encoding: 'utf8',
  });
  return { status, stdout };
}

test('the scan for secrets finds a key of this API, of SendGrid, and a database password', () => {
  const sendGrid = `SG.${'a1B2c3D4e5F6g7H8i9J0kL'}.${'m'.repeat(43)}`;
  const url = `postgres://app:${'9f8a7c6b5d4e'}@sql.example.net/app`;
  const found = scan('leak.ts', [createApiKey('live').text, sendGrid, url].join('\n'));
  const findings = [...found.stdout.matchAll(/(\d+):\d+\s+error\s+\[(\w+)\]/g)].map(([, line, what]) => [
    line,
    what,
  ]);
  expect(findings).toEqual([
    ['1', 'PATTERN'],
    ['2', 'SENDGRID_KEY'],
    ['3', 'PostgreSQLConnection'],
  ]);
  expect(found.status).toBe(1);
});

test('and nothing in examples', () => {
  expect(scan('example.md', 'postgres://user:password@localhost:5432/carillon cln_live_...')).toEqual({
    status: 0,
    stdout: '',
  });
});
