import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { linkPackages } from '../chaos/mutants/copy-tree.ts';

/**
 * The release whose processes must work beside the present ones, as `db/previous-release.json` names it. CONTRIBUTING.md
 * says who changes that file, and when.
 */
export interface PreviousRelease {
  /** An ancestor of the present commit, 40 hex digits. */
  commit: string;
  /** The newest migration that it has. */
  lastMigration: string;
}

const ROOT = path.join(import.meta.dirname, '../..');
export const PREVIOUS: PreviousRelease = JSON.parse(
  readFileSync(path.join(ROOT, 'db/previous-release.json'), 'utf8'),
) as PreviousRelease;
const HERE: Checkout = { root: ROOT, previous: PREVIOUS };

/** Whose history is looked at. */
interface Checkout {
  root: string;
  previous: PreviousRelease;
}

/**
 * Why the previous release cannot be had from this checkout, with the remedy; null if it can. A complete history without
 * the commit is an error in the file, and no reason.
 *
 * @throws when `db/previous-release.json` is wrong.
 */
export function missingHistory({ root, previous }: Checkout = HERE): string | null {
  const what = `the previous release (${previous.commit}, db/previous-release.json)`;
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const shallow = git('rev-parse', '--is-shallow-repository');
  if (shallow.status !== 0)
    return `This is no git checkout, so ${what} cannot be read: clone the repository instead of unpacking it.`;
  if (git('cat-file', '-e', `${previous.commit}^{commit}`).status !== 0) {
    if (shallow.stdout.trim() === 'true')
      return `This clone is shallow and lacks ${what}: run "git fetch --unshallow" (in GitHub Actions: fetch-depth: 0).`;
    throw new Error(`The history is complete and does not have ${what}: correct the file.`);
  }
  if (git('merge-base', '--is-ancestor', previous.commit, 'HEAD').status !== 0)
    throw new Error(`${what} is not an ancestor of the present commit: correct the file.`);
  return null;
}

/** @returns a file of the previous release. @throws when it has none of this name. */
export function previousFile(file: string): string {
  return String(run('git', ['show', `${PREVIOUS.commit}:${file}`], { cwd: ROOT }));
}

/**
 * Unpacks the previous release into a new directory, so that its programs can run. The packages of this checkout are
 * linked instead of installed, which takes no time and no network: what two releases share are tables, keys and jobs,
 * and our code decides about nearly all of them. Where a package that writes into the shared servers by itself has
 * another version now, the packages are installed as the lock file of that release says.
 *
 * @throws when git, tar or npm fails, with what it said.
 */
export function unpackPrevious(target: string): void {
  mkdirSync(target, { recursive: true });
  const archive = run('git', ['archive', '--format=tar', PREVIOUS.commit], { cwd: ROOT });
  run('tar', ['-x', '-C', target], { cwd: ROOT, input: archive });
  if (haveSameWriters()) linkPackages(path.join(ROOT, 'node_modules'), target);
  else run('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: target });
}

/** Packages that decide by themselves what stands in PostgreSQL or Redis. */
const WRITERS = ['bullmq', 'bottleneck', 'drizzle-orm'];

function haveSameWriters(): boolean {
  const before = versionsIn(previousFile('package-lock.json'));
  const now = versionsIn(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  return WRITERS.every((name) => before(name) === now(name));
}

function versionsIn(lock: string): (name: string) => string | undefined {
  const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, { version?: string }> };
  return (name) => packages[`node_modules/${name}`]?.version;
}

function run(command: string, args: string[], options: { cwd: string; input?: Buffer }): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? String(stderr)}`);
  return stdout;
}
