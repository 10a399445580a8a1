import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../alert-rules.ts';
import { productionPackages } from './production-packages.ts';

/**
 * The files of the production image, put together without Docker: the packages that `npm ci --omit=dev --omit=optional`
 * would install, from the checkout's own node_modules; the directories that the Dockerfile copies, as .dockerignore lets
 * them through; and the two scripts of deploy/image, which the Dockerfile runs as well.
 */
export interface ImageTree {
  /** What is `/` in the container. */
  root: string;
  /** Bytes of all files. */
  size: number;
  remove(): void;
}

const LAST_STAGE = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').split('\nFROM scratch\n')[1]!;

/** Directories of the checkout that are in the image. */
export const COPIED: readonly string[] = [...LAST_STAGE.matchAll(/^COPY (\S+) \.\/\1$/gm)].map(
  ([, place]) => place!,
);

export function imageTree(): ImageTree {
  // Reached by other accounts too: the programs run as one that owns nothing of it.
  const root = mkdtempSync(path.join(realpathSync(tmpdir()), 'carillon-image-'));
  chmodSync(root, 0o755);
  const app = path.join(root, 'app');
  mkdirSync(app);
  cpSync(path.join(ROOT, 'package.json'), path.join(app, 'package.json'));
  for (const place of COPIED) {
    cpSync(path.join(ROOT, place), path.join(app, place), {
      recursive: true,
      filter: (file) => !/\/node_modules$|\.test\.ts$|\/dist$/.test(file),
    });
  }
  // Made by a stage of the Dockerfile, in a checkout by npm install.
  for (const [, place] of LAST_STAGE.matchAll(/^COPY --from=pages \/app\/(\S+) /gm))
    cpSync(path.join(ROOT, place!), path.join(app, place!), { recursive: true });
  installPackages(app);
  run(path.join(ROOT, 'deploy/image/prune-packages.sh'), path.join(app, 'node_modules'));
  if (process.platform === 'linux') {
    run(path.join(ROOT, 'deploy/image/base-files.sh'), root, realpathSync(process.execPath));
  }
  return { root, size: sizeOf(root), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** By hard links where they are possible: nothing is written to them, only removed. */
function installPackages(app: string): void {
  for (const [place, link] of productionPackages()) {
    const target = path.join(app, place);
    // A directory inside of another package came with it.
    if (existsSync(target)) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    if (link !== null) {
      if (!existsSync(path.join(app, link))) throw new Error(`the Dockerfile does not copy ${link}`);
      symlinkSync(path.relative(path.dirname(target), path.join(app, link)), target);
      continue;
    }
    const source = path.join(ROOT, place);
    if (!existsSync(source)) throw new Error(`${place} is not installed: npm install`);
    if (spawnSync('cp', ['-al', source, target]).status !== 0) {
      rmSync(target, { recursive: true, force: true });
      run('cp', '-a', source, target);
    }
  }
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

function sizeOf(place: string): number {
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}
