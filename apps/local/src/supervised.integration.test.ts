import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { startNodeChild } from './node-child.ts';
import { freePort } from './ports.ts';
import { isAlive } from './processes.ts';
import { Supervised } from './supervised.ts';

const SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => response.end(String(process.pid)));
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

describe('a supervised child', () => {
  let dir: string;
  let url: string;
  let child: Supervised;
  const said: string[] = [];
  /** The content of the run file, at each change. */
  const pids: (number | null)[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'carillon-supervised-'));
    const script = path.join(dir, 'server.ts');
    writeFileSync(script, SERVER);
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    const spec = {
      script: path.relative(path.join(import.meta.dirname, '../../..'), script),
      env: { PORT: String(port) },
      readyUrl: url,
      logFile: path.join(dir, 'server.log'),
    };
    child = new Supervised(
      'server',
      () => startNodeChild(spec),
      (line) => said.push(line),
      () => pids.push(child.pid),
    );
    await child.start();
  });
  afterAll(async () => {
    await child?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const answeringPid = async () => Number(await (await fetch(url)).text());

  it('answers from its first moment on', async () => {
    expect(await answeringPid()).toBe(child.pid);
  });

  it('is restarted on its port when it is killed, and logs it', async () => {
    const killed = child.pid!;
    process.kill(killed, 'SIGKILL');
    await until('another process to answer', async () => (await answeringPid()) !== killed);
    await until('the new pid to be known', () => child.pid);
    expect(said).toEqual([
      'server has ended unasked; starting it again in 0.2 s',
      `server is back (pid ${child.pid})`,
    ]);
    expect(pids).toEqual([killed, null, child.pid]);
  });

  it('is not restarted once it is stopped', async () => {
    const pid = child.pid!;
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('cannot start: the error shows the end of its log', async () => {
    const script = path.join(dir, 'broken.ts');
    writeFileSync(script, `console.error('the reason why'); process.exit(3);`);
    const broken = startNodeChild({
      script: path.relative(path.join(import.meta.dirname, '../../..'), script),
      env: {},
      readyUrl: url,
      logFile: path.join(dir, 'broken.log'),
    });
    await expect(broken).rejects.toThrow('the reason why');
    expect(readFileSync(path.join(dir, 'broken.log'), 'utf8')).toContain('the reason why');
  });
});
