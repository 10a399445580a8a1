import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/**
 * A program that logs a line on request and confirms on the message channel that it is alive. Each test sets up its
 * standard streams.
 */
const PROGRAM = `
  import { createLog } from ${JSON.stringify(path.join(import.meta.dirname, 'log.ts'))};
  const log = createLog('under-test', 'info');
  process.on('message', (text) => {
    log.info(text);
    setImmediate(() => process.send('alive'));
  });
  process.send('ready');
`;

let dir: string;
let script: string;

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-output-'));
  script = path.join(dir, 'program.ts');
  writeFileSync(script, PROGRAM);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Starts the program with this standard output and error, and lets it write the given number of lines. */
async function started(output: number | 'pipe') {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', output, output, 'ipc'] });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  await once(child, 'message');
  const writes = async (text: string): Promise<void> => {
    child.send(text);
    await answered(child, exit);
  };
  const end = () => {
    child.disconnect();
    return exit;
  };
  return { child, writes, end };
}

/** @throws when the program ended instead of answering. */
async function answered(child: ChildProcess, exit: Promise<number | null>): Promise<void> {
  const given = new AbortController();
  try {
    await Promise.race([
      once(child, 'message', { signal: given.signal }),
      exit.then((code) => {
        throw new Error(`the program ended with ${code}`);
      }),
    ]);
  } finally {
    given.abort();
  }
}

test('a process survives a log on a disk that is always full', async () => {
  const full = openSync('/dev/full', 'w');
  const { writes, end } = await started(full);
  closeSync(full);
  for (let n = 0; n < 20; n++) await writes(`line ${n}`);
  expect(await end()).toBe(0);
});

test('a process survives a log whose reader has gone', async () => {
  const { child, writes, end } = await started('pipe');
  child.stdout!.destroy();
  child.stderr!.destroy();
  for (let n = 0; n < 20; n++) await writes(`line ${n}`);
  expect(await end()).toBe(0);
});

/** Whether this user may mount a file system, as root in a container may. */
function mounted(where: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', where], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a process whose log filled the disk logs again once there is space, and says how much was lost', async ({
  skip,
}) => {
  const where = mkdtempSync(path.join(dir, 'disk-'));
  if (!mounted(where)) skip('mounting a file system needs root');
  try {
    const file = path.join(where, 'log');
    const filler = path.join(where, 'filler');
    const output = openSync(file, 'a');
    const { writes, end } = await started(output);
    closeSync(output);
    expect(() => writeFileSync(filler, Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    // The rest of the log's current page is filled first.
    for (let n = 0; n < 8; n++) await writes('x'.repeat(1_000));
    rmSync(filler);
    await writes('there is space');
    expect(await end()).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('there is space');
    expect(text).toMatch(/log lines were lost: they could not be written","count":\d/);
  } finally {
    execFileSync('umount', ['-l', where]);
  }
});
