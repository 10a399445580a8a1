import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const at = (file: string): string => JSON.stringify(path.join(import.meta.dirname, file));

/** Runs a program whose log is `log`, to its end. */
function ran(script: string) {
  const program = `
    import { createLog } from ${at('log.ts')};
    import { endOnUncaught } from ${at('end-on-uncaught.ts')};
    const log = createLog('api', 'info');
    endOnUncaught(log);
    const failing = () => Object.assign(new RangeError('Ann Lee'), { code: 'E_X', recipient: 'Ann Lee' });
    ${script}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  const lines = stdout.split('\n').filter(Boolean);
  return { status, stderr, stdout, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test.each([
  [
    'uncaught exception: the program ends',
    'setTimeout(() => { throw failing(); }); setInterval(() => {}, 1000);',
  ],
  ['unhandled rejection: the program ends', 'Promise.reject(failing()); setInterval(() => {}, 1000);'],
])('%s, with 1 and a line in the log, without what the error says', (message, script) => {
  const { status, stderr, stdout, lines } = ran(script);
  expect([status, stderr]).toEqual([1, '']);
  expect(lines).toMatchObject([{ level: 'error', message, error: 'RangeError', code: 'E_X' }]);
  expect(stdout).not.toContain('Ann');
});

test.each([
  ['ends', 0, ''],
  ['exits', 3, 'process.exit(3);'],
  ['ends of an error', 1, 'throw failing();'],
])('the count of repeated errors is written when a program %s', (_, code, end) => {
  const { status, lines } = ran(
    `for (let n = 0; n < 4; n++) log.error('failed', { error: failing() }); ${end}`,
  );
  expect(status).toBe(code);
  const failed = lines.filter(({ message }) => message === 'failed');
  expect(failed.map(({ times = 1 }) => times)).toEqual([1, 3]);
});
