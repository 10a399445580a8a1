import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const ui = import.meta.dirname;
const root = path.join(ui, '../../..');
const dist = path.join(ui, 'dist');
/** What the pages are made of. */
const SOURCES = [ui, path.join(root, 'packages/client/src'), path.join(root, 'packages/core/src')];

/**
 * Builds the pages of the dashboard into ui/dist, where their sources are newer than what is there. Run by "npm install",
 * "npm run build:ui" and before the browser tests.
 *
 * @returns whether the pages were built.
 * @param options.force also when nothing has changed.
 */
export async function buildUi({ force = false }: { force?: boolean } = {}): Promise<boolean> {
  const builtAt = existsSync(path.join(dist, 'index.html'))
    ? statSync(path.join(dist, 'index.html')).mtimeMs
    : 0;
  if (!force && builtAt > newest(SOURCES)) return false;
  const { build } = await import('vite');
  // Aside, then in its place: a dashboard that starts at this moment finds one or the other.
  const aside = `${dist}-${process.pid}`;
  // The tests set another one, by which Vite would take the development build of React: 40 kB more, and slower.
  const environment = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      configFile: path.join(ui, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: aside, emptyOutDir: true },
    });
  } finally {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
  }
  const old = `${aside}-old`;
  mkdirSync(path.dirname(dist), { recursive: true });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(aside, dist);
  rmSync(old, { recursive: true, force: true });
  return true;
}

/** The time of the last change below these directories, in ms since the epoch. */
function newest(directories: readonly string[]): number {
  let latest = 0;
  for (const directory of directories)
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name.startsWith('dist')) continue;
      const file = path.join(directory, entry.name);
      latest = Math.max(latest, entry.isDirectory() ? newest([file]) : statSync(file).mtimeMs);
    }
  return latest;
}

if (process.argv[1] === import.meta.filename) await buildUi({ force: !process.argv.includes('--if-stale') });
