import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockHolder, releaseLock, takeLock } from './lock.ts';
import { endOrphanedProcesses, recordChildren } from './orphaned-processes.ts';
import { portClaims } from './port-plan.ts';
import { exactPort, freePort, HIGHEST_PORT } from './ports.ts';
import { identify, isAlive } from './processes.ts';
import { loadSecrets } from './secrets.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-data-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const sleeper = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });

describe('the lock of a data directory', () => {
  it('is held by one process at a time, and names its holder', () => {
    const file = path.join(dir, 'lock');
    expect(takeLock(file)).toBeNull();
    expect(takeLock(file)).toEqual(identify(process.pid));
    releaseLock(file);
    expect(lockHolder(file)).toBeNull();
    expect(takeLock(file)).toBeNull();
  });

  it('is ignored when its holder has ended, even if another process has its pid', () => {
    const file = path.join(dir, 'stale');
    writeFileSync(file, JSON.stringify({ pid: process.pid, born: 'another time' }));
    expect(takeLock(file)).toBeNull();
  });
});

describe('an orphaned process of a killed start', () => {
  it('is ended by the next one, by pid and start time; another process with a recorded pid is left alone', async () => {
    const [mine, stranger] = [sleeper(), sleeper()];
    await Promise.all([once(mine, 'spawn'), once(stranger, 'spawn')]);
    const file = path.join(dir, 'pids.json');
    recordChildren(file, { api: mine.pid! });
    const recorded = { api: identify(mine.pid!), worker: { pid: stranger.pid, born: 'another time' } };
    writeFileSync(file, JSON.stringify(recorded));
    expect(await endOrphanedProcesses(file)).toEqual(['api']);
    expect(isAlive(mine.pid!)).toBe(false);
    expect(isAlive(stranger.pid!)).toBe(true);
    expect(existsSync(file)).toBe(false);
    stranger.kill('SIGKILL');
  });
});

describe('secrets', () => {
  it('stay the same from start to start, and only their owner can read them', () => {
    const file = path.join(dir, 'secrets.json');
    const first = loadSecrets(file);
    expect(loadSecrets(file)).toEqual(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('ports', () => {
  it('are the default ones, or free ones below 32768 where those are taken', async () => {
    const usual = await freePort();
    expect(await freePort(usual)).toBe(usual);
    const server = createServer().listen(usual, '127.0.0.1');
    await once(server, 'listening');
    const other = await freePort(usual);
    expect(other).not.toBe(usual);
    expect(other).toBeLessThanOrEqual(HIGHEST_PORT);
    await expect(exactPort(usual, 'api')).rejects.toThrow(`port ${usual} for api is taken`);
    server.close();
  });

  it('are assigned to one start only, although no process listens on them yet', async () => {
    const usual = await freePort();
    const [one, other] = [portClaims(path.join(dir, 'claims')), portClaims(path.join(dir, 'claims'))];
    expect(await freePort(usual, one.claim)).toBe(usual);
    expect(await freePort(usual, other.claim)).not.toBe(usual);
    one.releaseAll();
    expect(await freePort(usual, other.claim)).toBe(usual);
  });
});
