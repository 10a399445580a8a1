import { rmSync, writeFileSync } from 'node:fs';
import { readJson } from './atomic-file.ts';
import { type Identity, identify, isStill } from './processes.ts';

/**
 * Takes the data directory for this process.
 *
 * @returns null when it is ours now, else who holds it. A lock whose holder is gone counts for nothing.
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

/** The living process that holds the lock; null if nobody does. */
export function lockHolder(file: string): Identity | null {
  const holder = readJson<Identity>(file);
  return holder && isStill(holder) ? holder : null;
}

export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}
