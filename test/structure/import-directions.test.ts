import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The dependency rule: core <- {db, queue, limiter, providers} <- services <- apps; the middle ones never import each
 * other, services know no queue, `core` touches nothing that does I/O, `client` and `inbox` are installed
 * alone, and only apps import `telemetry`. Apps never import apps, except the local launcher, which describes the
 * simulator's accounts. Tests and benchmarks may use anything.
 */
const ROOT = resolve(import.meta.dirname, '../..');

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  db: ['packages/core'],
  'packages/queue': ['packages/core'],
  'packages/providers': ['packages/core'],
  'packages/limiter': ['packages/core'],
  'packages/client': [],
  'packages/inbox': [],
  'packages/telemetry': ['packages/core'],
  'packages/services': ['packages/core', 'db', 'packages/providers'],
  'apps/api': [
    'packages/core',
    'db',
    'packages/queue',
    'packages/providers',
    'packages/services',
    'packages/telemetry',
  ],
  'apps/worker': [
    'packages/core',
    'db',
    'packages/queue',
    'packages/limiter',
    'packages/providers',
    'packages/services',
    'packages/telemetry',
  ],
  'apps/dashboard': [
    'packages/client',
    'packages/core',
    'db',
    'packages/queue',
    'packages/providers',
    'packages/services',
    'packages/telemetry',
  ],
  'apps/admin': ['packages/core', 'db', 'packages/queue', 'packages/providers', 'packages/services'],
  // For the page of its example.
  'apps/simulator': ['packages/core', 'packages/providers', 'packages/inbox'],
  'apps/local': ['packages/core', 'db', 'apps/simulator'],
};

/**
 * `carillon-admin doctor` checks the settings of the other programs by the schemas that they boot with. It may import
 * those, in one file, and nothing else of another app.
 */
const SETTINGS_OF_OTHERS =
  /^apps\/admin\/src\/doctor\/programs\.ts imports @carillon\/(api|worker|dashboard)\/config$/;

/** Modules of Node that reach outside the process, and packages that do. */
const DOES_IO =
  /^(node:)?(fs|net|http|https|http2|tls|dgram|child_process|worker_threads|cluster|dns)(\/|$)|^(postgres|ioredis|bullmq|undici|hono|drizzle-orm)(\/|$)/;

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file && existsSync(join(ROOT, file)) && !file.includes('.test.'));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1]!,
  );

/** Without those that import types alone. */
const valueImportsOf = (file: string): string[] =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /^import (?!type\b)[^']*'([^']+)'|import\('([^']+)'/gm,
    ),
  ].map((match) => (match[1] ?? match[2])!);

const placeOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((place) => file === place || file.startsWith(`${place}/`));

/** The place an import leads to, or undefined for something outside the rule. */
function targetOf(file: string, specifier: string): string | undefined {
  const workspace = /^@carillon\/([a-z]+)/.exec(specifier)?.[1];
  if (workspace) return Object.keys(MAY_IMPORT).find((place) => place.split('/').at(-1) === workspace);
  if (!specifier.startsWith('.')) return undefined;
  return placeOf(relative(ROOT, resolve(ROOT, dirname(file), specifier)));
}

test('imports follow core <- {db, queue, limiter, providers} <- services <- apps', () => {
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
  expect(breaches.filter((breach) => !SETTINGS_OF_OTHERS.test(breach))).toEqual([]);
});

/** Threads that render templates: they compute, and read and write nothing. */
const RENDER_THREADS =
  /^packages\/core\/src\/template\/render\/render-(pool|thread)\.ts imports node:worker_threads$/;

test('core imports nothing that does I/O', () => {
  const breaches = files
    .filter((file) => placeOf(file) === 'packages/core')
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => DOES_IO.test(specifier))
        .map((s) => `${file} imports ${s}`),
    )
    .filter((breach) => !RENDER_THREADS.test(breach));
  expect(breaches).toEqual([]);
});

test('the pages of the dashboard know only the client and pure rules', () => {
  const pages = files.filter((file) => file.startsWith('apps/dashboard/ui/src/'));
  const breaches = pages.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => /^(@carillon\/(?!client\/|core\/)|node:)|\.\.\/server/.test(specifier))
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(pages.length).toBeGreaterThan(20);
  expect(breaches).toEqual([]);
});

test('services know no queue: what is to be done is a row in PostgreSQL', () => {
  const breaches = files
    .filter((file) => placeOf(file) === 'packages/services')
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => /^(bullmq|ioredis)(\/|$)|^@carillon\/queue\//.test(specifier))
        .map((specifier) => `${file} imports ${specifier}`),
    );
  expect(files.some((file) => placeOf(file) === 'packages/services')).toBe(true);
  expect(breaches).toEqual([]);
});

/** Where the modules of a place lie, if not in `src`. */
const SOURCES: Readonly<Record<string, string>> = { db: '', 'apps/dashboard': 'server' };

/** The file an import leads to, or undefined for something outside the repository. */
function fileOf(file: string, specifier: string): string | undefined {
  const [, workspace, rest] = /^@carillon\/([a-z]+)\/(.+)$/.exec(specifier) ?? [];
  const place = Object.keys(MAY_IMPORT).find((each) => each.split('/').at(-1) === workspace);
  if (place !== undefined) return join(place, SOURCES[place] ?? 'src', `${rest}.ts`);
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : undefined;
}

const product = files.filter((file) => placeOf(file) !== undefined);
const importedBy = new Map(
  product.map((file) => [file, importsOf(file).map((specifier) => fileOf(file, specifier))]),
);

/** SQL that changes rows. */
const WRITES = /\b(?:insert into|delete from|update\s+[a-z_]+(?:\s+[a-z]+)?\s+set)\b/;

/** Asks whether the server takes writes, by an update of no row. */
const PROBE = 'db/connection/client.ts';

/** Statements that change rows, and those that use one of them. */
function writers(): Set<string> {
  const found = new Set(
    product.filter(
      (file) =>
        placeOf(file) === 'db' && file !== PROBE && WRITES.test(readFileSync(join(ROOT, file), 'utf8')),
    ),
  );
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const file of product.filter((each) => placeOf(each) === 'db'))
      if (valueImportsOf(file).some((specifier) => found.has(fileOf(file, specifier) ?? ''))) found.add(file);
  }
  return found;
}

test('routes, dashboard and admin change rows through services only; they may read', () => {
  const writing = writers();
  expect(writing).toContain('db/audit/audit.ts');
  expect(writing).toContain('db/notifications/accept-notifications.ts');
  const breaches = product
    .filter((file) => /^apps\/(api\/src\/routes|dashboard|admin)\//.test(file))
    .flatMap((file) =>
      valueImportsOf(file)
        .map((specifier) => fileOf(file, specifier))
        .filter((target) => target !== undefined && writing.has(target))
        .map((target) => `${file} imports ${target}`),
    );
  expect(breaches).toEqual([]);
});

test('no file imports itself through others, not even for a type', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of importedBy.get(file) ?? [])
      if (target && importedBy.has(target)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of product) visit(file, []);
  expect(circles).toEqual([]);
});

test('product code never imports tests or benchmarks', () => {
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
    .filter(
      (file) =>
        placeOf(file) !== undefined &&
        !/config\.ts$|^apps\/dashboard\/ui\/build\.ts$|^(db|apps\/local)\//.test(file),
    )
    .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('process.env'));
  expect(readers).toEqual([]);
});
