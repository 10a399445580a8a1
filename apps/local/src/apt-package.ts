import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** A package of Debian or Ubuntu to unpack. */
export interface AptPackage {
  name: string;
  /** Whether to unpack the packages it depends on as well, as far as this machine has not installed them. */
  dependencies: boolean;
  /** Names the package for people: "fetching Redis from the distribution". */
  title: string;
  /** Called with the unpacked root before it is put in its place. */
  complete?(root: string): void;
}

/**
 * Unpacks a package of the distribution without root and without installing anything: with package lists of its own, into
 * a directory of `cacheDir`, once.
 *
 * @param say called before steps that take seconds, and with what apt-get said if it failed
 * @returns the directory that holds `usr/bin` and the rest, or null where there is no apt-get or no mirror answers
 */
export function unpackFromApt(
  cacheDir: string,
  directory: string,
  wanted: AptPackage,
  say: (line: string) => void,
): string | null {
  const home = path.join(cacheDir, directory);
  if (existsSync(home)) return home;
  if (!runs('apt-get') || !runs('dpkg-deb')) return null;
  say(`fetching ${wanted.title} from the distribution (once, nothing is installed)`);
  const draft = path.join(cacheDir, `${directory}.${process.pid}`);
  try {
    if (!download(draft, wanted, say)) return null;
    renameSync(path.join(draft, 'root'), home);
  } catch (error) {
    // A concurrent start was faster: its copy is equivalent.
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return home;
}

/** The unpacked directories that hold libraries, such as usr/lib/x86_64-linux-gnu. */
export function libraryPath(home: string): string {
  return ['lib', 'usr/lib']
    .map((each) => path.join(home, each))
    .filter((each) => existsSync(each))
    .flatMap((each) => readdirSync(each).map((name) => path.join(each, name)))
    .filter((each) => each.includes('-linux-gnu'))
    .join(':');
}

function download(draft: string, { name, dependencies, complete }: AptPackage, say: (line: string) => void) {
  for (const each of ['lists/partial', 'archives/partial', 'debs', 'root']) {
    mkdirSync(path.join(draft, each), { recursive: true });
  }
  const options = Object.entries({
    'Dir::State::lists': path.join(draft, 'lists'),
    'Dir::Cache': draft,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', [...options, '-qq', ...args], { encoding: 'utf8', cwd: path.join(draft, 'debs') });

  apt('update');
  const names = new Set([name]);
  if (dependencies) {
    const plan = apt('--print-uris', '--no-install-recommends', 'install', name);
    for (const match of plan.stdout.matchAll(/^'[^']+' ([a-z0-9.+-]+)_\S+\.deb /gm)) names.add(match[1]!);
    for (const everywhere of ['libc6', 'adduser']) names.delete(everywhere);
  }
  const fetched = apt('download', ...names);
  if (fetched.status !== 0) {
    say(`apt-get download failed: ${fetched.stderr.trim().split('\n').at(-1)}`);
    return false;
  }
  const root = path.join(draft, 'root');
  for (const archive of readdirSync(path.join(draft, 'debs'))) {
    if (spawnSync('dpkg-deb', ['-x', path.join(draft, 'debs', archive), root]).status !== 0) return false;
  }
  complete?.(root);
  return true;
}

const runs = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
