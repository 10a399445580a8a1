import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Redis on Debian and Ubuntu without root and without installing anything: download the distribution's own packages
 * with private package lists, unpack them next to the checkout, and run the program from there (2 to 5 s, once, 7 MB).
 */
export function unpackRedis(
  cacheDir: string,
  say: (line: string) => void,
): { program: string; libraryPath: string } | null {
  const home = path.join(cacheDir, 'redis');
  if (!existsSync(home)) {
    if (!runs('apt-get') || !runs('dpkg-deb')) return null;
    say('fetching Redis from the distribution (once, nothing is installed)');
    const draft = path.join(cacheDir, `redis.${process.pid}`);
    try {
      if (!download(draft, say)) return null;
      renameSync(path.join(draft, 'root'), home);
    } catch (error) {
      // A concurrent start was faster: its copy is equivalent.
      if (!existsSync(home)) throw error;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return { program: path.join(home, 'usr/bin/redis-server'), libraryPath: libraryPath(home) };
}

function download(draft: string, say: (line: string) => void): boolean {
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
  const plan = apt('--print-uris', '--no-install-recommends', 'install', 'redis-tools');
  const missing = [...plan.stdout.matchAll(/^'[^']+' ([a-z0-9.+-]+)_\S+\.deb /gm)]
    .map((match) => match[1]!)
    .filter((name) => name !== 'libc6' && name !== 'adduser');
  const fetched = apt('download', ...new Set([...missing, 'redis-tools']));
  if (fetched.status !== 0) {
    say(`apt-get download failed: ${fetched.stderr.trim().split('\n').at(-1)}`);
    return false;
  }
  const root = path.join(draft, 'root');
  for (const archive of readdirSync(path.join(draft, 'debs'))) {
    if (spawnSync('dpkg-deb', ['-x', path.join(draft, 'debs', archive), root]).status !== 0) return false;
  }
  // One program with several names: the server package only adds this link, a service and an account.
  const program = path.join(root, 'usr/bin/redis-server');
  if (!existsSync(program)) symlinkSync('redis-check-rdb', program);
  return true;
}

/** The unpacked directories that hold libraries, such as usr/lib/x86_64-linux-gnu. */
function libraryPath(home: string): string {
  return ['lib', 'usr/lib']
    .map((each) => path.join(home, each))
    .filter((each) => existsSync(each))
    .flatMap((each) => readdirSync(each).map((name) => path.join(each, name)))
    .filter((each) => each.includes('-linux-gnu'))
    .join(':');
}

const runs = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
