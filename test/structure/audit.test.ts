import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-audit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** `npm run audit` where npm prints this and ends with 1. */
function audit(printed: string) {
  writeFileSync(path.join(dir, 'report'), printed);
  writeFileSync(path.join(dir, 'npm'), `#!/bin/sh\ncat '${dir}/report'; exit 1\n`, { mode: 0o755 });
  const script = path.join(import.meta.dirname, '../../.github/audit.ts');
  const { status, stdout } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { PATH: `${dir}:/usr/bin:/bin` },
  });
  return { status, stdout: stdout.trim() };
}

test('the audit fails for a vulnerability that is high, and names it', () => {
  const vulnerabilities = {
    'left-pad': { severity: 'high', range: '<1.3.1' },
    'right-pad': { severity: 'low', range: '*' },
  };
  expect(audit(JSON.stringify({ vulnerabilities }))).toEqual({ status: 1, stdout: 'high: left-pad <1.3.1' });
});

test('it passes where there are only lower ones', () => {
  const vulnerabilities = { 'right-pad': { severity: 'moderate', range: '*' } };
  expect(audit(JSON.stringify({ vulnerabilities }))).toEqual({ status: 0, stdout: '' });
});

test.each([
  ['an error of the endpoint', '{"message":"request to /audits failed"}', 'request to /audits failed'],
  ['nothing', '', 'no answer'],
])('it warns where npm prints %s', (_what, printed, reason) => {
  expect(audit(printed)).toEqual({ status: 0, stdout: `::warning::nothing was audited: ${reason}` });
});
