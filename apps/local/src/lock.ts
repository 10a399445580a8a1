import { rmSync, writeFileSync } from 'node:fs';
import { readJson } from './atomic-file.ts';
import { type Identity, identify, isStill } from './processes.ts';

/**
 * Locks the data directory for this process.
 *
 * @returns null when it is locked now, else its holder. A lock whose holder has ended is ignored.
 */
export function takeLock(file: string): Identity | null {
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = lockHolder(file);
    if (holder) return holder;
    rmSync(file, { force: true });
  }
}

/** The running process that holds the lock; null if there is none. */
export function lockHolder(file: string): Identity | null {
  const holder = readJson<Identity>(file);
  return holder && isStill(holder) ? holder : null;
}

export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}
