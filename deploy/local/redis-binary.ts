import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { unpackRedis } from './redis-from-apt.ts';

/** A Redis (or Valkey) server program that BullMQ can use, and what its environment needs. */
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
 * The ladder: a server on PATH or in a well-known place, else the distribution's package unpacked into `cacheDir`
 * (no root, nothing installed), else one sentence on what to do.
 *
 * @param say is told when something takes seconds
 */
export function findRedis(cacheDir: string, say: (line: string) => void = () => {}): RedisBinary {
  const found = onThisMachine() ?? fromDistribution(cacheDir, say);
  if (found) return found;
  const install =
    process.platform === 'darwin' ? 'brew install valkey' : 'apt-get install redis-server (or valkey)';
  throw new Error(`no Redis 6.2 or newer found: install one (${install}), or set REDIS_URL to a running one`);
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
