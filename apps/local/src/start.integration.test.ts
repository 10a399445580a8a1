import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { isAlive } from './processes.ts';
import { type RunFile, readRunFile } from './run-file.ts';

const LONG_MS = 120_000;

let dir: string;
const runFile = () => path.join(dir, 'run.json');
const started: ChildProcess[] = [];

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-start-'));
});
afterAll(async () => {
  for (const child of started.filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  )) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

describe('npm start', { timeout: LONG_MS }, () => {
  let first: RunFile;

  it('starts everything: the servers in run.json answer, and a notification is accepted', async () => {
    const system = launch('start.ts');
    first = await comesUp(system);
    expect(first.pids.supervisor).toBe(system.child.pid);
    for (const url of [`${first.api}/readyz`, `${first.dashboard}/healthz`, `${first.simulator}/ledger`]) {
      expect((await fetch(url)).status, url).toBe(200);
    }
    expect(await accept(first)).toBe(202);
    expect(system.output()).toContain(`curl -sS ${first.api}/v1/notifications`);
    expect(system.output()).toContain(first.staff.password);
  });

  it('refuses to start twice on the same data, and says where the first one is', async () => {
    const second = launch('start.ts');
    await second.ended;
    expect(second.child.exitCode).toBe(1);
    expect(second.output()).toContain(`already running at ${first.api}`);
    expect(second.output()).toContain(`pid ${first.pids.supervisor}`);
  });

  it('takes the notifications of npm run demo, and keeps running', async () => {
    const demo = launch('start.ts', dir, '--load', '20');
    await demo.ended;
    expect(demo.output()).toContain(`Sending 20 notifications into the Carillon that runs at ${first.api}`);
    expect(demo.output()).toContain('20 of 20 accepted');
    expect(demo.child.exitCode).toBe(0);
    expect(await accept(first)).toBe(202);
  });

  it('runs one worker process, and separate ones as soon as there is a backlog', async () => {
    expect(readRunFile(runFile())!.pids.workers).toHaveLength(1);
    // Some seconds of work for one process.
    const demo = launch('start.ts', dir, '--load', '8000');
    const { pids } = await until(
      'three workers',
      () => {
        const run = readRunFile(runFile())!;
        return run.pids.workers.length === 3 ? run : null;
      },
      { timeoutMs: 60_000 },
    );
    // The one without critical lanes is lower, the one with bulk only lowest.
    await until('their priorities', () => {
      const priorities = pids.workers.map((pid) => getPriority(pid!));
      return priorities.join() === '0,5,10';
    });
    demo.child.kill('SIGTERM');
    await demo.ended;
  });

  it('may run next to another one with other data, on other ports', async () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'carillon-start-'));
    const other = launch('start.ts', elsewhere);
    const run = await comesUp(other, path.join(elsewhere, 'run.json'));
    expect(run.api).not.toBe(first.api);
    expect(await accept(run)).toBe(202);
    expect(await accept(first)).toBe(202);
    other.child.kill('SIGTERM');
    await other.ended;
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it.each([
    ['PostgreSQL', (run: RunFile) => run.pids.postgres],
    ['Redis', (run: RunFile) => run.pids.redis],
    ['the API', (run: RunFile) => run.pids.api],
    ['a worker', (run: RunFile) => run.pids.workers[1]],
    ['the second worker of a backlog', (run: RunFile) => run.pids.workers[2]],
    ['the dashboard', (run: RunFile) => run.pids.dashboard],
    ['the simulator', (run: RunFile) => run.pids.simulator],
  ])('restarts %s when it is killed, on its port and with its data', async (_name, pidOf) => {
    const killed = pidOf(readRunFile(runFile())!)!;
    process.kill(killed, 'SIGKILL');
    const again = await until(
      'run.json to name another process',
      () => {
        const run = readRunFile(runFile());
        return run && pidOf(run) !== killed && isAlive(pidOf(run)!) ? run : null;
      },
      { timeoutMs: 30_000 },
    );
    expect({ ...again, pids: null }).toEqual({ ...first, pids: null });
    await until('a notification to be accepted', async () => (await accept(again)) === 202);
  });

  it('is not removed by npm run reset while it runs', async () => {
    const reset = launch('reset.ts');
    await reset.ended;
    expect(reset.child.exitCode).toBe(1);
    expect(reset.output()).toContain('stop it first');
    expect(existsSync(runFile())).toBe(true);
  });

  it('starts again after it was killed: same keys, same data, no orphaned processes', async () => {
    const before = readRunFile(runFile())!;
    process.kill(before.pids.supervisor, 'SIGKILL');
    const system = launch('start.ts');
    const after = await comesUp(system, runFile(), before.pids.supervisor);
    expect(after.api_key).toBe(before.api_key);
    expect(after.staff).toEqual(before.staff);
    for (const pid of pidsOf(before)) expect(isAlive(pid), `pid ${pid}`).toBe(false);
    const listed = await fetch(`${after.api}/v1/notifications`, {
      headers: { authorization: `Bearer ${after.api_key}` },
    });
    const { data } = (await listed.json()) as { data: unknown[] };
    expect(data.length).toBeGreaterThanOrEqual(8);
  });

  it('ends everything on SIGTERM, leaves no process and no run.json, and exits 0', async () => {
    const run = readRunFile(runFile())!;
    const system = started.find(({ pid }) => pid === run.pids.supervisor)!;
    system.kill('SIGTERM');
    await once(system, 'exit');
    expect(system.exitCode).toBe(0);
    for (const pid of pidsOf(run)) expect(isAlive(pid), `pid ${pid}`).toBe(false);
    expect(existsSync(runFile())).toBe(false);
  });

  it('is removed by npm run reset', async () => {
    const reset = launch('reset.ts');
    await reset.ended;
    expect(reset.child.exitCode).toBe(0);
    expect(existsSync(dir)).toBe(false);
  });
});

function launch(script: string, data = dir, ...options: string[]) {
  const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, script), '--data', data, ...options],
    {
      env: { ...env, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return { child, output: () => text, ended: once(child, 'close') };
}

async function comesUp(system: ReturnType<typeof launch>, file = runFile(), notPid = 0): Promise<RunFile> {
  return until(
    'the system to come up',
    () => {
      if (system.child.exitCode !== null)
        throw new Error(`it ended with ${system.child.exitCode}: ${system.output()}`);
      const run = readRunFile(file);
      return run && run.pids.supervisor !== notPid ? run : null;
    },
    { timeoutMs: 90_000 },
  );
}

async function accept(run: RunFile): Promise<number> {
  const answer = await fetch(`${run.api}/v1/notifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${run.api_key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      to: { recipient_id: 'user_1' },
      channel: 'email',
      template: 'welcome',
      data: { name: 'Ada' },
    }),
  });
  await answer.body?.cancel();
  return answer.status;
}

function pidsOf({ pids }: RunFile): number[] {
  return Object.values(pids)
    .flat()
    .filter((pid) => pid !== null);
}
