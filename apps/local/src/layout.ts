import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { reachableDir } from './postgres.ts';

/** The paths in the data directory. */
export interface Layout {
  dir: string;
  /** Held by the running supervisor. */
  lock: string;
  /** Every process that the supervisor started, for cleanup by the next start if this one is killed. */
  pids: string;
  /** For tools: see the last section of the HTTP contract. Exists only while everything answers. */
  run: string;
  /** Passwords and keys of the demo; generated once. */
  secrets: string;
  providers: string;
  postgres: string;
  redis: string;
  simulator: string;
  prometheus: string;
  logs: string;
  cache: string;
}

/** Downloads, shared by all data directories. */
export const cacheDir = path.join(import.meta.dirname, '../../../node_modules/.cache/carillon');

/** Creates the data directory and returns its paths. */
export function prepareLayout(dir: string): Layout {
  mkdirSync(dir, { recursive: true });
  // Under root the database has a separate account, which needs access. The secrets have their own modes.
  if (process.getuid?.() === 0) chmodSync(dir, statSync(dir).mode | 0o011);
  const real = realpathSync(dir);
  const layout = layoutOf(real);
  for (const each of [layout.logs, layout.simulator]) mkdirSync(each, { recursive: true, mode: 0o700 });
  return { ...layout, postgres: postgresDir(real, layout.postgres) };
}

export function layoutOf(dir: string): Layout {
  const at = (name: string) => path.join(dir, name);
  return {
    dir,
    lock: at('supervisor.lock'),
    pids: at('pids.json'),
    run: at('run.json'),
    secrets: at('secrets.json'),
    providers: at('providers.json'),
    postgres: at('postgres'),
    redis: at('redis'),
    simulator: at('simulator'),
    prometheus: at('prometheus'),
    logs: at('logs'),
    cache: cacheDir,
  };
}

/**
 * Root's checkout is often below a directory that only root may enter (/root); PostgreSQL, which runs as another
 * account, then gets a directory in /var/lib, and the data directory holds a link to it.
 */
function postgresDir(dataDir: string, wanted: string): string {
  if (existsSync(wanted)) return realpathSync(wanted);
  const mark = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const chosen = reachableDir(wanted, `/var/lib/carillon/${mark}/postgres`);
  if (chosen !== wanted) {
    mkdirSync(chosen, { recursive: true });
    if (!isLink(wanted)) symlinkSync(chosen, wanted);
  }
  return chosen;
}

const isLink = (file: string): boolean =>
  lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Keeps the logs of the last start as `.1`, so that a crash can still be read after the restart it caused. */
export function rotateLogs(logs: string): void {
  for (const name of readdirSync(logs)) {
    if (name.endsWith('.log')) renameSync(path.join(logs, name), path.join(logs, `${name}.1`));
  }
}
