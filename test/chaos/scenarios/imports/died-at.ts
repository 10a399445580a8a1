import { freePort } from '@carillon/local/ports';
import type { Cell } from '../../cell/cell.ts';
import { type CrashPoint, pointNamed } from '../../crash/crash-points.ts';
import { death } from '../../crash/die-at.ts';
import type { Finding } from '../../judge/rules.ts';
import { createRandom } from '../../load/random.ts';
import { startImport } from '../../system/imports.ts';
import type { Scenario } from '../scenario.ts';
import { ENV, isUp } from './apis.ts';

/** Two parts. */
const ROWS = 6_000;
const SETTLE_MS = 120_000;

/** Held against it: the progress of an import is in the commit of the rows that it reports. */
export const importDiedMerged = diedAt(
  'import whose API dies merging',
  'import: part merged, progress not stored',
);

/** Held against it: lines that were reported are not stored again when the file comes again. */
export const importDiedReported = diedAt(
  'import whose API dies reporting',
  'import: part committed, not reported',
);

function diedAt(name: string, point: string): Scenario {
  return {
    name,
    settleMs: SETTLE_MS,
    play: async (cell) => ({ findings: await dieInImport(cell, pointNamed(point)) }),
  };
}

/** The API that receives an import dies at the point, and another one takes its place. */
export async function dieInImport(cell: Cell, point: CrashPoint): Promise<Finding[]> {
  const ports = [await freePort(), await freePort()] as const;
  const dying = cell.startApi(ports[0], ['test/chaos/crash/crash-api.ts', point.name], ENV);
  cell.startApi(ports[1], undefined, ENV);
  const [upload, beside] = await Promise.all(ports.map(isUp));
  const one = await startImport(cell, {
    format: 'csv',
    prefix: 'c',
    rows: ROWS,
    urls: { upload: upload!, beside: beside! },
    random: createRandom(1),
    giveUpAfterMs: SETTLE_MS,
  });
  await death(dying, point);
  cell.startApi(ports[0], undefined, ENV);
  await one.ends(SETTLE_MS);
  return one.judge();
}
