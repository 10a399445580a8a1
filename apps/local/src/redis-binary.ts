import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { unpackRedis } from './redis-from-apt.ts';

/** A Redis (or Valkey) server program that BullMQ can use, and its environment. */
export interface RedisBinary {
  program: string;
  version: string;
  env: NodeJS.ProcessEnv;
}

const NAMES = ['valkey-server', 'redis-server', 'redis8-server', 'redis7-server'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/valkey/bin',
  '/opt/homebrew/opt/redis/bin',
  '/usr/local/opt/redis/bin',
  '/home/linuxbrew/.linuxbrew/bin',
  '/snap/bin',
];

/**
 * Search order: a server on PATH or in a well-known place, else the distribution's package unpacked into `cacheDir` (no
 * root, nothing installed), else one sentence with the remedy.
 *
 * @param say called before steps that take seconds
 */
export function findRedis(cacheDir: string, say: (line: string) => void = () => {}): RedisBinary {
  const found = onThisMachine() ?? fromDistribution(cacheDir, say);
  if (found) return found;
  throw new Error(
    `no Redis 6.2 or newer found: install one ("${installCommand()}"; a redis-server or valkey-server on PATH is used), or set REDIS_URL to a running one`,
  );
}

/** By the first package manager found. */
const INSTALL: Readonly<Record<string, string>> = {
  brew: 'brew install valkey',
  'apt-get': 'apt-get install redis-server',
  dnf: 'dnf install valkey',
  apk: 'apk add valkey',
  pacman: 'pacman -S valkey',
  zypper: 'zypper install redis',
  yum: 'yum install redis',
};

/** The command that installs Redis (or Valkey, which works as well) on this machine. */
export function installCommand(places: string = process.env.PATH ?? ''): string {
  const manager = Object.keys(INSTALL).find((name) =>
    [...places.split(path.delimiter).filter(Boolean), '/opt/homebrew/bin'].some((place) =>
      existsSync(path.join(place, name)),
    ),
  );
  return INSTALL[manager ?? (process.platform === 'darwin' ? 'brew' : 'apt-get')]!;
}

function onThisMachine(): RedisBinary | null {
  const places = new Set([...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), ...PLACES]);
  for (const name of NAMES) {
    for (const place of places) {
      const program = path.join(place, name);
      if (!existsSync(program)) continue;
      const version = versionOf(program, process.env);
      if (version) return { program, version, env: process.env };
    }
  }
  return null;
}

function fromDistribution(cacheDir: string, say: (line: string) => void): RedisBinary | null {
  const unpacked = unpackRedis(cacheDir, say);
  if (!unpacked) return null;
  const env = { ...process.env, LD_LIBRARY_PATH: unpacked.libraryPath };
  const version = versionOf(unpacked.program, env);
  return version ? { program: unpacked.program, version, env } : null;
}

/** The version if it is at least 6.2, which BullMQ needs. */
function versionOf(program: string, env: NodeJS.ProcessEnv): string | null {
  const answer = spawnSync(program, ['--version'], { encoding: 'utf8', env });
  const match = /v=(\d+)\.(\d+)\.\d+/.exec(answer.stdout ?? '');
  if (!match) return null;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 6 || (major === 6 && minor >= 2) ? match[0].slice(2) : null;
}
