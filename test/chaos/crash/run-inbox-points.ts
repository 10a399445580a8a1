import { openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { followInboxes } from '../scenarios/inbox-streams.ts';
import type { CrashPoint } from './crash-points.ts';
import { type PointOutcome, runPoints } from './run-points.ts';

/** Runs each in a cell of its own, several side by side. */
export function runInboxPoints(
  ground: Ground,
  points: readonly CrashPoint[],
  { atOnce, leaseSeconds }: { atOnce: number; leaseSeconds: number },
  say?: (outcome: PointOutcome) => void,
): Promise<PointOutcome[]> {
  return runPoints(points, (point) => runPoint(ground, point, leaseSeconds), atOnce, say);
}

async function runPoint(ground: Ground, point: CrashPoint, leaseSeconds: number): Promise<PointOutcome> {
  const cell = await openCell(ground, point.name, leaseSeconds);
  try {
    const { findings } = await followInboxes(cell, point);
    const all = [...(await cell.judge()).findings, ...findings];
    return { point, findings: all, logs: all.length > 0 ? cell.logs() : '' };
  } catch (error) {
    const findings: Finding[] = [{ rule: 'unproven', id: 'the run', why: (error as Error).message }];
    return { point, findings, logs: cell.logs() };
  } finally {
    await cell.close();
  }
}
