import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from './atomic-file.ts';
import { exactPort, freePort } from './ports.ts';
import { type Identity, identify, isStill } from './processes.ts';

/** The port of each program, as offsets from a base; the default base is 3400. */
const OFFSETS = {
  api: 0,
  dashboard: 1,
  simulator: 2,
  simulatorTls: 3,
  simulatorSmtp: 4,
  criticalWorker: 5,
  worker: 6,
  bulkWorker: 7,
  traces: 8,
  prometheus: 9,
  postgres: 10,
  redis: 11,
  allWorker: 12,
} as const;
const USUAL_BASE = 3400;

export type PortPlan = Record<keyof typeof OFFSETS, number>;

/**
 * Chosen once per start: a restarted child comes back on the port it had.
 *
 * @param base null: the default ports, and a free one for each that is taken. A number: exactly the ports from it on.
 * @throws when a requested port is taken
 */
export async function planPorts(base: number | null, claims: PortClaims): Promise<PortPlan> {
  const plan: Partial<PortPlan> = {};
  for (const [name, offset] of Object.entries(OFFSETS) as [keyof PortPlan, number][]) {
    plan[name] =
      base === null
        ? await freePort(USUAL_BASE + offset, claims.claim)
        : await exactPort(base + offset, name, claims.claim);
  }
  return plan as PortPlan;
}

/**
 * A port looks free from the moment it is chosen until its program listens, seconds later. Two concurrent starts would
 * choose the same ports; a claim, recorded in a file and valid while its process runs, prevents that.
 */
export interface PortClaims {
  /** False when another running process of this user has claimed the port. */
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
