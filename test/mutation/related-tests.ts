import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const IMPORT = /(?:from|import)\s*\(?\s*['"]((?:\.{1,2}|@carillon)\/[^'"]+)['"]/g;

/** Farther tests add time and hardly ever catch what the nearest, and those of the same folder, did not. */
const NEAREST = 4;

/**
 * Which unit tests reach a source file by imports, nearest first: by the number of imports between them, so that most
 * mutants are caught by the first test file that runs. The nearest few, and all others in the folder of the source.
 *
 * @param roots folders to search for tests, relative to `root`.
 * @returns a function from a source to its tests, all relative to `root`.
 */
export function relatedTests(root: string, roots: readonly string[]): (file: string) => string[] {
  const imports = new Map<string, readonly string[]>();
  const importsOf = (file: string): readonly string[] => {
    const known = imports.get(file);
    if (known) return known;
    const found = [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap((match) => {
      const target = resolve(root, file, match[1]!);
      return target === null ? [] : [target];
    });
    imports.set(file, found);
    return found;
  };
  const tests = roots.flatMap((folder) => unitTests(path.join(root, folder)));
  const distances = new Map(tests.map((test) => [test, distancesFrom(test, importsOf)]));
  return (file) => {
    const target = path.join(root, file);
    return tests
      .map((test) => ({ test, distance: distances.get(test)!.get(target) ?? Number.POSITIVE_INFINITY }))
      .filter(({ distance }) => Number.isFinite(distance))
      .sort((a, b) => a.distance - b.distance || a.test.localeCompare(b.test))
      .filter(({ test }, place) => place < NEAREST || path.dirname(test) === path.dirname(target))
      .map(({ test }) => path.relative(root, test));
  };
}

function distancesFrom(test: string, importsOf: (file: string) => readonly string[]): Map<string, number> {
  const distances = new Map([[test, 0]]);
  for (const [file, distance] of distances)
    for (const next of importsOf(file)) if (!distances.has(next)) distances.set(next, distance + 1);
  return distances;
}

function unitTests(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        name.endsWith('.test.ts') && !name.endsWith('.integration.test.ts') && !name.includes('node_modules'),
    )
    .map((name) => path.join(folder, name));
}

function resolve(root: string, from: string, specifier: string): string | null {
  const target = specifier.startsWith('.')
    ? path.resolve(path.dirname(from), specifier)
    : ours(root, specifier);
  return target !== null && existsSync(target) ? target : null;
}

/** `@carillon/core/caps`, by the pattern in the `exports` of its package.json. */
function ours(root: string, specifier: string): string | null {
  const [, name, ...rest] = specifier.split('/');
  const folder = [`packages/${name}`, `apps/${name}`, name!]
    .map((each) => path.join(root, each))
    .find((each) => existsSync(path.join(each, 'package.json')));
  if (folder === undefined) return null;
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    exports?: Record<string, string>;
  };
  const subpath = `./${rest.join('/')}`;
  const target = exports?.[subpath] ?? exports?.['./*']?.replace('*', rest.join('/'));
  return target === undefined ? null : path.join(folder, target);
}
