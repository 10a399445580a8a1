import { spawn } from 'node:child_process';

/**
 * A shell command that runs if this process dies without taking the will back, even by SIGKILL: a tiny shell waits on
 * a pipe whose other end only we hold, and the kernel closes it for us. It has a group of its own, so that neither
 * Ctrl-C nor a kill of our group reaches it.
 *
 * @param script gets `args` as $0, $1 ...
 * @returns takes the will back
 */
export function lastWill(script: string, ...args: string[]): () => void {
  const shell = spawn('/bin/sh', ['-c', `read -r _; ${script}`, ...args], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.once('error', () => {});
  shell.unref();
  const pipe = shell.stdin as unknown as { unref(): void; on(event: 'error', listener: () => void): void };
  pipe.on('error', () => {});
  pipe.unref();
  return () => {
    shell.kill('SIGKILL');
  };
}
