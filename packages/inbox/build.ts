import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');
const BUNDLE = 'carillon-inbox.js';

/**
 * Builds dist/: the component as one file without imports, the React wrapper, and declarations of their types. Run by
 * "npm install", "npm run build:ui" and before the browser tests.
 *
 * @returns whether it was built: without `force` only where a source is newer.
 */
export async function buildInbox({ force = false }: { force?: boolean } = {}): Promise<boolean> {
  const built = path.join(dist, BUNDLE);
  if (!force && existsSync(built) && statSync(built).mtimeMs > newest()) return false;
  const { build } = await import('vite');
  // Aside, then in its place: an API that starts at this moment finds one or the other.
  const aside = `${dist}-${process.pid}`;
  for (const [entry, name] of [
    ['carillon-inbox', BUNDLE],
    ['react', 'react.js'],
  ] as const)
    await build({
      configFile: false,
      root: here,
      logLevel: 'warn',
      publicDir: false,
      build: {
        outDir: aside,
        emptyOutDir: false,
        target: 'es2023',
        // These know light-dark(); what it is replaced by for older ones does not follow the scheme of the page.
        cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
        modulePreload: false,
        reportCompressedSize: false,
        rolldownOptions: {
          input: path.join(here, 'src', `${entry}.ts`),
          external: ['react'],
          preserveEntrySignatures: 'strict',
          output: { format: 'es', entryFileNames: name },
        },
      },
    });
  declareTypes(path.join(aside, 'types'));
  const old = `${aside}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(aside, dist);
  rmSync(old, { recursive: true, force: true });
  return true;
}

function declareTypes(to: string): void {
  const tsc = path.join(
    path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', to], {
    cwd: here,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot write the declarations of packages/inbox: ${stdout}`);
}

/** The time of the last change of a source, in ms since the epoch. */
function newest(): number {
  const sources = readdirSync(path.join(here, 'src')).map((name) => path.join(here, 'src', name));
  const files = [...sources, import.meta.filename, path.join(here, 'tsconfig.build.json')];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

if (process.argv[1] === import.meta.filename)
  await buildInbox({ force: !process.argv.includes('--if-stale') });
