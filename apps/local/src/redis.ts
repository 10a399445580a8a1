import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deadManSwitch } from './dead-man-switch.ts';
import { endProcess, isProcessOf } from './processes.ts';
import type { RedisBinary } from './redis-binary.ts';

/** A private Redis on 127.0.0.1 with an append-only file and without eviction, as the queues require. */
export interface RedisOptions {
  binary: RedisBinary;
  dir: string;
  port: number;
  logFile: string;
  /** More of its settings, by their names in redis.conf. */
  settings?: Readonly<Record<string, string>>;
}

export interface LocalRedis {
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, for any reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;

/** Starts the server and resolves once *this* process answers on the port, not another Redis. */
export async function startRedis(options: RedisOptions): Promise<LocalRedis> {
  const { dir, port } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await endLeftover(dir);
  const child = launch(options);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', () => {});
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await answeringPid(port)) !== child.pid) {
    if (
      child.pid === undefined ||
      child.exitCode !== null ||
      child.signalCode !== null ||
      Date.now() > deadline
    ) {
      child.kill('SIGKILL');
      throw new Error(
        `Redis did not start on port ${port}. The end of ${options.logFile}:\n${tail(options.logFile)}`,
      );
    }
    await pause(20);
  }
  writeFileSync(pidFile(dir), String(child.pid));
  ended.then(deadManSwitch('kill -TERM "$0"', String(child.pid)));
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function launch({ binary, dir, port, logFile, settings: more = {} }: RedisOptions): ChildProcess {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    ...more,
  };
  const log = openSync(logFile, 'a', 0o600);
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  // A separate process group, so that Ctrl-C reaches only the supervisor, which stops everything in order.
  const child = spawn(binary.program, args, { env: binary.env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return child;
}

/**
 * The pid of the Redis that answers on the port; null if none does. A plain PING would also succeed on another Redis.
 */
function answeringPid(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('INFO server\r\n'));
    const done = (pid: number | null) => {
      socket.destroy();
      resolve(pid);
    };
    socket.setTimeout(1_000, () => done(null));
    socket.once('error', () => done(null));
    socket.once('close', () => done(null));
    socket.on('data', (chunk) => {
      text += chunk;
      const match = /process_id:(\d+)\r/.exec(text);
      if (match) done(Number(match[1]));
      else if (text.startsWith('-')) done(null);
    });
  });
}

/** Redis rewrites its command line, so its pid is kept in a file and verified by the program's name. */
async function endLeftover(dir: string): Promise<void> {
  let pid = 0;
  try {
    pid = Number(readFileSync(pidFile(dir), 'utf8'));
  } catch {
    return;
  }
  if (pid > 0 && isProcessOf(pid, '-server 127.0.0.1:')) await endProcess(pid, 'SIGTERM', 10_000);
}

const pidFile = (dir: string): string => path.join(dir, 'redis.pid');

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-8).join('\n').trim();
}
