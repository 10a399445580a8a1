import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { isAlive } from './processes.ts';
import { startRedis } from './redis.ts';
import { findRedis } from './redis-binary.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-servers-'));
  chmodSync(dir, 0o755);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the private PostgreSQL', () => {
  const options = async (name: string) => ({
    dataDir: path.join(dir, name),
    port: await freePort(),
    password: 'carillon',
    logFile: path.join(dir, `${name}.log`),
  });
  const names = async (url: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      await sql`create table if not exists guests (name text)`;
      return await sql`insert into guests values ('one more') returning (select count(*)::int from guests) as before`;
    } finally {
      await sql.end();
    }
  };

  it('keeps what was committed when it is killed, and starts again at once', async () => {
    const spec = await options('killed');
    const first = await startPostgres(spec);
    await names(first.url);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await startPostgres(spec);
    expect(await names(second.url)).toEqual([{ before: 1 }]);
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  it('starts although its pid file names a pid that another process has now', async () => {
    const spec = await options('reused');
    await (await startPostgres(spec)).stop();
    writeFileSync(path.join(spec.dataDir, 'postmaster.pid'), `${process.pid}\n${spec.dataDir}\n`);
    const server = await startPostgres(spec);
    await server.stop();
  });

  it('ends when the process that started it is killed', async () => {
    const spec = await options('orphan');
    const pid = await startedByAnother(`
      import { startPostgres } from ${JSON.stringify(path.join(import.meta.dirname, 'postgres.ts'))};
      console.log((await startPostgres(${JSON.stringify(spec)})).pid);`);
    await until('PostgreSQL to end', () => !isAlive(pid));
    expect(existsSync(path.join(spec.dataDir, 'postmaster.pid'))).toBe(false);
  });

  it('reports when its port is taken', async () => {
    const spec = await options('first');
    const server = await startPostgres(spec);
    const other = startPostgres({ ...spec, dataDir: path.join(dir, 'second') });
    await expect(other).rejects.toThrow(`did not start on port ${spec.port}`);
    await server.stop();
  });
});

describe('the private Redis', () => {
  const options = async (name: string) => ({
    binary: findRedis(path.join(import.meta.dirname, '../../../node_modules/.cache/carillon')),
    dir: path.join(dir, name),
    port: await freePort(),
    logFile: path.join(dir, `${name}.log`),
  });

  it('keeps its keys over a kill', async () => {
    const spec = await options('redis-killed');
    const first = await startRedis(spec);
    const client = new Redis(first.url);
    await client.set('key', 'value');
    // The append-only file is synced every second; a killed process loses nothing that it has written.
    client.disconnect();
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await startRedis(spec);
    const again = new Redis(second.url);
    expect(await again.get('key')).toBe('value');
    again.disconnect();
    await second.stop();
  });

  it('does not mistake another server on its port for itself', async () => {
    const spec = await options('redis-first');
    const stranger = await startRedis(spec);
    await expect(startRedis({ ...spec, dir: path.join(dir, 'redis-second') })).rejects.toThrow(
      'did not start',
    );
    await stranger.stop();
  });
});

/** Runs a script that prints a pid, kills it by SIGKILL, and returns that pid. */
async function startedByAnother(script: string): Promise<number> {
  const file = path.join(dir, 'another.ts');
  writeFileSync(file, script);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return Number(line);
}
