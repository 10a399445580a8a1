import { openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { dieInImport } from '../scenarios/imports/died-at.ts';
import type { CrashPoint } from './crash-points.ts';
import { type PointOutcome, runPoints } from './run-points.ts';

/** Runs each in a cell of its own, several side by side. */
export function runImportPoints(
  ground: Ground,
  points: readonly CrashPoint[],
  { atOnce, leaseSeconds }: { atOnce: number; leaseSeconds: number },
  say?: (outcome: PointOutcome) => void,
): Promise<PointOutcome[]> {
  const run = async (point: CrashPoint): Promise<PointOutcome> => {
    const cell = await openCell(ground, point.name, leaseSeconds);
    try {
      const findings = await dieInImport(cell, point);
      return { point, findings, logs: findings.length > 0 ? cell.logs() : '' };
    } catch (error) {
      const findings: Finding[] = [{ rule: 'unproven', id: 'the run', why: (error as Error).message }];
      return { point, findings, logs: cell.logs() };
    } finally {
      await cell.close();
    }
  };
  return runPoints(points, run, atOnce, say);
}
