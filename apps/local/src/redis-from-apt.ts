import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { libraryPath, unpackFromApt } from './apt-package.ts';

/**
 * Redis on Debian and Ubuntu without root and without installing anything: the distribution's own packages, unpacked next
 * to the checkout, run from there (2 to 5 s, once, 7 MB).
 */
export function unpackRedis(
  cacheDir: string,
  say: (line: string) => void,
): { program: string; libraryPath: string } | null {
  const home = unpackFromApt(
    cacheDir,
    'redis',
    { name: 'redis-tools', dependencies: true, title: 'Redis', complete: linkServer },
    say,
  );
  if (home === null) return null;
  return { program: path.join(home, 'usr/bin/redis-server'), libraryPath: libraryPath(home) };
}

/** One program with several names: the server package only adds this link, a service and an account. */
function linkServer(root: string): void {
  const program = path.join(root, 'usr/bin/redis-server');
  if (!existsSync(program)) symlinkSync('redis-check-rdb', program);
}
