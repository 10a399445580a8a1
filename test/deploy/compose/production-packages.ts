import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../alert-rules.ts';

interface LockedPackage {
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};

/**
 * What `npm ci --omit=dev --omit=optional` installs: everything that the root's dependencies lead to.
 *
 * @returns the places in node_modules, with the directory that a link leads to
 */
export function productionPackages(): Map<string, string | null> {
  const found = new Map<string, string | null>();
  const follow = (from: string): void => {
    const {
      dependencies = {},
      peerDependencies = {},
      optionalDependencies = {},
      peerDependenciesMeta,
    } = packages[from]!;
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional);
    const needed = Object.keys(dependencies).filter((name) => !(name in optionalDependencies));
    for (const name of [...needed, ...peers]) {
      const place = placeOf(name, from);
      if (place === null || found.has(place)) continue;
      const { link, resolved } = packages[place]!;
      found.set(place, link ? resolved! : null);
      follow(link ? resolved! : place);
    }
  };
  follow('');
  return found;
}

/** In Node's lookup order: next to the package, then one directory further up at a time. */
function placeOf(name: string, from: string): string | null {
  for (let directory = from; ; directory = path.dirname(directory)) {
    const top = directory === '' || directory === '.';
    const place = top ? `node_modules/${name}` : `${directory}/node_modules/${name}`;
    if (place in packages) return place;
    if (top) return null;
  }
}
