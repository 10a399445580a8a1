import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { unpackFromApt } from '@carillon/local/apt-package';
import { cacheDir } from '@carillon/local/layout';

/**
 * promtool: one on PATH, else that of Debian's package `prometheus`, unpacked once beside the Redis of the tests (19 MB to
 * download, 2 s).
 *
 * @returns the program, or why there is none
 */
export function findPromtool(): { program: string } | { missing: string } {
  for (const place of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    const program = path.join(place, 'promtool');
    if (existsSync(program)) return { program };
  }
  const said: string[] = [];
  const prometheus = { name: 'prometheus', dependencies: false, title: 'promtool' };
  const root = unpackFromApt(cacheDir, 'prometheus', prometheus, (line) => said.push(line));
  if (root) return { program: path.join(root, 'usr/bin/promtool') };
  const why = said.at(-1) ?? 'this machine has no apt-get';
  return { missing: `no promtool on PATH, and none from a Debian mirror (${why})` };
}

/** Runs it to its end, with everything that it wrote. */
export function promtool(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
