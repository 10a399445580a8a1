import { spawn } from 'node:child_process';

/**
 * A shell command that runs if this process dies without disarming it, even by SIGKILL: a small shell waits on a pipe
 * whose other end only this process holds, and the kernel closes it on exit. The shell has its own process group, so
 * that neither Ctrl-C nor a kill of this process' group reaches it.
 *
 * @param script gets `args` as $0, $1 ...
 * @returns disarms the switch
 */
export function deadManSwitch(script: string, ...args: string[]): () => void {
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
