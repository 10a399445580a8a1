import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deadManSwitch } from './dead-man-switch.ts';
import { type Account, findPostgres, type PostgresBinaries, serverAccount } from './postgres-binaries.ts';
import { commandLine, endProcess, isAlive } from './processes.ts';

/**
 * A private PostgreSQL: npm provides the programs, this file creates a cluster and runs it. Input: a directory and a
 * port. Result: a server on 127.0.0.1 with persistent data. It never touches a server it did not start, except an
 * orphaned one on the same directory, which it ends first.
 */
export interface PostgresOptions {
  /** Created if missing. Under root the server's account must be able to reach it; see `reachableDir`. */
  dataDir: string;
  port: number;
  password: string;
  logFile: string;
  /** false trades durability for speed: only for disposable data, as in tests. */
  durable?: boolean;
}

export interface LocalPostgres {
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, for any reason. */
  ended: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, committed ones are on disk. */
  stop(): Promise<void>;
}

const USER = 'carillon';
const START_TIMEOUT_MS = 30_000;

/** Starts the server and resolves once it accepts connections. Throws with the end of its log if it does not. */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const { dataDir, port, password } = options;
  const account = serverAccount();
  const programs = findPostgres(account);
  prepareDirectory(dataDir, account);
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) initialise(programs, account, options);
  await endLeftover(dataDir);

  // Orphaned processes of a killed server hold its shared memory for a moment; PostgreSQL refuses to start until they
  // end.
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const child = launch(programs, account, options);
    if (await becomesReady(child, dataDir, deadline)) return handle(child, port, password);
    const log = lastLines(options.logFile);
    if (Date.now() > deadline || !/pre-existing shared memory|lock file .* already exists/.test(log)) {
      throw new Error(
        `PostgreSQL did not start on port ${port} with ${dataDir}. The end of ${options.logFile}:\n${log}`,
      );
    }
    await pause(200);
  }
}

/**
 * Under root the server runs as another account, which cannot enter a directory below one that only root may enter.
 *
 * @returns `wanted`, or `fallback` if the server's account could not get to `wanted`
 */
export function reachableDir(wanted: string, fallback: string): string {
  const account = serverAccount();
  if (account.uid === undefined) return wanted;
  let existing = path.resolve(wanted);
  while (!existsSync(existing)) existing = path.dirname(existing);
  return spawnSync('test', ['-x', existing], { ...account, cwd: '/' }).status === 0 ? wanted : fallback;
}

function prepareDirectory(dataDir: string, account: Account): void {
  // Two steps: the mode 0700 is for the last directory only, its parents must stay open to the server's account.
  mkdirSync(path.dirname(dataDir), { recursive: true, mode: 0o755 });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) chownSync(dataDir, account.uid, account.gid);
  else if (lstatSync(dataDir).uid !== process.getuid?.()) {
    throw new Error(
      `${dataDir} belongs to uid ${lstatSync(dataDir).uid}, you are uid ${process.getuid?.()}: start as the user who made it, or choose another --data directory`,
    );
  }
}

function initialise(programs: PostgresBinaries, account: Account, options: PostgresOptions): void {
  const passwordFile = path.join(path.dirname(options.dataDir), `.initdb-${process.pid}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined)
    chownSync(passwordFile, account.uid, account.gid);
  const args = [
    '-D',
    options.dataDir,
    '-U',
    USER,
    '--pwfile',
    passwordFile,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
  ];
  const made = spawnSync(programs.initdb, [...args, '--locale=C', '--no-sync', '--no-instructions'], {
    ...account,
    cwd: '/',
    env: environment(options.dataDir),
    encoding: 'utf8',
  });
  rmSync(passwordFile, { force: true });
  if (made.status === 0) return;
  // An incomplete cluster would be taken for a complete one at the next start.
  rmSync(options.dataDir, { recursive: true, force: true });
  throw new Error(`initdb failed for ${options.dataDir}: ${made.error?.message ?? made.stderr}`);
}

function launch(programs: PostgresBinaries, account: Account, options: PostgresOptions): ChildProcess {
  const settings = [
    'unix_socket_directories=',
    'max_connections=300',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(options.durable === false ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(
    programs.postgres,
    [
      '-D',
      options.dataDir,
      '-p',
      String(options.port),
      '-h',
      '127.0.0.1',
      ...settings.flatMap((s) => ['-c', s]),
    ],
    // A separate process group, so that Ctrl-C reaches only the supervisor, which stops everything in order.
    { ...account, cwd: '/', env: environment(options.dataDir), stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  return child;
}

/** True once the pid file says the server is ready; false if it ended or the time is up. */
async function becomesReady(child: ChildProcess, dataDir: string, deadline: number): Promise<boolean> {
  let failed = false;
  child.once('error', () => {
    failed = true;
  });
  while (!failed && child.exitCode === null && child.signalCode === null) {
    const [pid, , , , , , , status] = pidFile(dataDir);
    if (Number(pid) === child.pid && status?.trim() === 'ready') return true;
    if (Date.now() > deadline) {
      child.kill('SIGQUIT');
      return false;
    }
    await pause(10);
  }
  return false;
}

function handle(child: ChildProcess, port: number, password: string): LocalPostgres {
  const pid = child.pid!;
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  ended.then(deadManSwitch('kill -INT "$0"', String(pid)));
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    ended,
    async stop() {
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGQUIT'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Ends the server of a killed supervisor; deletes a pid file that names another program. */
async function endLeftover(dataDir: string): Promise<void> {
  const pid = Number(pidFile(dataDir)[0]);
  if (!pid || !isAlive(pid)) return;
  if (commandLine(pid).includes(dataDir)) await endProcess(pid, 'SIGINT', 10_000);
  else rmSync(path.join(dataDir, 'postmaster.pid'), { force: true });
}

function pidFile(dataDir: string): string[] {
  try {
    return readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

const environment = (dataDir: string): NodeJS.ProcessEnv => ({
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: dataDir,
});

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n').trim();
  } catch {
    return '(no log)';
  }
}
