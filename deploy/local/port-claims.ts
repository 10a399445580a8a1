import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from './atomic-file.ts';
import { type Identity, identify, isStill } from './processes.ts';

/**
 * A port looks free from the moment it is chosen until its program listens, seconds later. Two starts at the same time
 * would choose the same ones; a claim, on file and good for as long as its process lives, keeps them apart.
 */
export interface PortClaims {
  /** False when another living process of this user has claimed the port. */
  claim(port: number): boolean;
  releaseAll(): void;
}

export function portClaims(
  dir: string = path.join(tmpdir(), `carillon-ports-${process.getuid?.() ?? 0}`),
): PortClaims {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const mine: string[] = [];
  return {
    claim(port) {
      const file = path.join(dir, String(port));
      for (;;) {
        try {
          writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
          mine.push(file);
          return true;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const holder = readJson<Identity>(file);
        if (holder && isStill(holder)) return false;
        rmSync(file, { force: true });
      }
    },
    releaseAll() {
      for (const file of mine.splice(0)) rmSync(file, { force: true });
    },
  };
}
