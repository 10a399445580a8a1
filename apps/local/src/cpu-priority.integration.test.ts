import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { lowerCpuPriority } from './cpu-priority.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function child(): Promise<number> {
  const started = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  children.push(started);
  await once(started, 'spawn');
  return started.pid!;
}

test('a child gets a lower priority for its threads and, where Linux schedules by session, for its session', async () => {
  const [first, second] = [await child(), await child()];
  await Promise.all([lowerCpuPriority(first, 5), lowerCpuPriority(second, 10)]);
  expect([getPriority(first), getPriority(second)]).toEqual([5, 10]);
  for (const [pid, niceness] of [
    [first, 5],
    [second, 10],
  ]) {
    const session = `/proc/${pid}/autogroup`;
    if (existsSync(session)) expect(readFileSync(session, 'utf8')).toContain(` nice ${niceness}\n`);
  }
});

test('a child that has ended meanwhile is ignored', async () => {
  const pid = await child();
  const [gone] = children;
  gone!.kill('SIGKILL');
  await once(gone!, 'exit');
  await lowerCpuPriority(pid, 5);
});
