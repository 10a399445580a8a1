import type { Finding } from '../judge/rules.ts';
import type { CrashPoint } from './crash-points.ts';

/** What was found when a process died at a point of a path of its own: of in-app messages, of campaigns. */
export interface PointOutcome {
  point: CrashPoint;
  findings: readonly Finding[];
  /** Logs of its processes, when something is wrong. */
  logs: string;
}

/** Runs them, several side by side. @returns the outcomes in the order of the points */
export async function runPoints(
  points: readonly CrashPoint[],
  run: (point: CrashPoint) => Promise<PointOutcome>,
  atOnce: number,
  say: (outcome: PointOutcome) => void = () => {},
): Promise<PointOutcome[]> {
  const outcomes: PointOutcome[] = new Array(points.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let k = next++; k < points.length; k = next++) {
      outcomes[k] = await run(points[k]!);
      say(outcomes[k]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, points.length) }, lane));
  return outcomes;
}

/** One line per death while they run. */
export function renderPoint({ point, findings, logs }: PointOutcome): string {
  const head = `  ${findings.length === 0 ? 'kept  ' : 'BROKEN'}  ${point.name}`;
  const why = findings.slice(0, 8).map(({ rule, id, why }) => `\n          ${rule}: ${id}: ${why}`);
  return logs === '' ? head : `${head}${why.join('')}\n${logs.replaceAll(/^/gm, '          | ')}`;
}
