import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../apps/dashboard/ui/build.ts';

const DIST = path.join(import.meta.dirname, '../../apps/dashboard/ui/dist');
const MOST_BYTES = 300_000;

beforeAll(() => buildUi());

const read = (name: string) => readFileSync(path.join(DIST, 'assets', name));

/** Files that are loaded with these, by static imports. */
function withImports(names: readonly string[]): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    if (!name.endsWith('.js')) continue;
    const text = read(name).toString('utf8');
    for (const [, imported] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
      found.add(imported!);
  }
  return found;
}
const bytes = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(read(name)).length, 0);

test('whatever page is opened first, 300 kB at most are loaded for it', () => {
  const index = readFileSync(path.join(DIST, 'index.html'), 'utf8');
  const entry = [...index.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => name!);
  const main = entry.find((name) => name.endsWith('.js'))!;
  // The files that the entry loads by `import()`, pages among them; the chart and the editor are loaded by pages.
  const lazy = [
    ...read(main)
      .toString('utf8')
      .matchAll(/import\(["'`]\.\/([\w.-]+\.js)["'`]\)/g),
  ].map(([, name]) => name!);
  expect(lazy.length).toBeGreaterThan(20);
  expect(readdirSync(path.join(DIST, 'assets')).length).toBeGreaterThan(30);
  const heavy = lazy
    .map((page) => [page, bytes(withImports([...entry, page]))] as const)
    .filter(([, size]) => size > MOST_BYTES);
  expect(heavy).toEqual([]);
});
