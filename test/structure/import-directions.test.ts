import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The dependency rule: core <- {db, queue, providers} <- apps; the middle ones never import each other, apps never
 * import apps, `core` touches nothing that does I/O, and `client` is installed alone. Tests, benchmarks and the local
 * launcher may use anything.
 */
const ROOT = resolve(import.meta.dirname, '../..');

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  db: ['packages/core'],
  'packages/queue': ['packages/core'],
  'packages/providers': ['packages/core'],
  'packages/client': [],
  'apps/api': ['packages/core', 'db', 'packages/queue', 'packages/providers'],
  'apps/worker': ['packages/core', 'db', 'packages/queue', 'packages/providers'],
  'apps/dashboard': ['packages/core', 'db', 'packages/queue', 'packages/providers'],
};

/** Modules of Node that reach outside the process, and packages that do. */
const DOES_IO =
  /^(node:)?(fs|net|http|https|http2|tls|dgram|child_process|worker_threads|cluster|dns)(\/|$)|^(postgres|ioredis|bullmq|undici|hono|drizzle-orm)(\/|$)/;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(ROOT, file)) && !file.includes('.test.'));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1]!,
  );

const placeOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((place) => file === place || file.startsWith(`${place}/`));

/** The place an import leads to, or undefined for something outside the rule. */
function targetOf(file: string, specifier: string): string | undefined {
  const workspace = /^@carillon\/([a-z]+)/.exec(specifier)?.[1];
  if (workspace) return Object.keys(MAY_IMPORT).find((place) => place.split('/').at(-1) === workspace);
  if (!specifier.startsWith('.')) return undefined;
  return placeOf(relative(ROOT, resolve(ROOT, dirname(file), specifier)));
}

test('imports follow core <- {db, queue, providers} <- apps', () => {
  const breaches = files.flatMap((file) => {
    const place = placeOf(file);
    if (!place) return [];
    return importsOf(file)
      .map((specifier) => ({ specifier, target: targetOf(file, specifier) }))
      .filter(
        ({ target }) => target !== undefined && target !== place && !MAY_IMPORT[place]!.includes(target),
      )
      .map(({ specifier }) => `${file} imports ${specifier}`);
  });
  expect(breaches).toEqual([]);
});

test('core imports nothing that does I/O', () => {
  const breaches = files
    .filter((file) => placeOf(file) === 'packages/core')
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => DOES_IO.test(specifier))
        .map((s) => `${file} imports ${s}`),
    );
  expect(breaches).toEqual([]);
});

test('product code never imports tests, benchmarks or the local launcher', () => {
  const breaches = files
    .filter((file) => placeOf(file) !== undefined)
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(ROOT, resolve(ROOT, dirname(file), specifier)))
        .filter((target) => /^(test|bench|deploy)\//.test(target))
        .map((target) => `${file} imports ${target}`),
    );
  expect(breaches).toEqual([]);
});

test('process.env is read in config files only', () => {
  const readers = files
    .filter((file) => placeOf(file) !== undefined && !/config\.ts$/.test(file) && !file.startsWith('db/'))
    .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('process.env'));
  expect(readers).toEqual([]);
});
