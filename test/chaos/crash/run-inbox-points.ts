import { openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { followInboxes } from '../scenarios/inbox-streams.ts';
import type { CrashPoint } from './crash-points.ts';

/** What was found when a process died at a point of the path of in-app messages. */
export interface InboxOutcome {
  point: CrashPoint;
  findings: readonly Finding[];
  /** Logs of its processes, when something is wrong. */
  logs: string;
}

/** Runs each in a cell of its own, several side by side. */
export async function runInboxPoints(
  ground: Ground,
  points: readonly CrashPoint[],
  { atOnce, leaseSeconds }: { atOnce: number; leaseSeconds: number },
  say: (outcome: InboxOutcome) => void = () => {},
): Promise<InboxOutcome[]> {
  const outcomes: InboxOutcome[] = new Array(points.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let k = next++; k < points.length; k = next++) {
      outcomes[k] = await runPoint(ground, points[k]!, leaseSeconds);
      say(outcomes[k]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, points.length) }, lane));
  return outcomes;
}

async function runPoint(ground: Ground, point: CrashPoint, leaseSeconds: number): Promise<InboxOutcome> {
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

/** One line per death while they run. */
export function renderInboxOutcome({ point, findings, logs }: InboxOutcome): string {
  const head = `  ${findings.length === 0 ? 'kept  ' : 'BROKEN'}  ${point.name}`;
  const why = findings.slice(0, 8).map(({ rule, id, why }) => `\n          ${rule}: ${id}: ${why}`);
  return logs === '' ? head : `${head}${why.join('')}\n${logs.replaceAll(/^/gm, '          | ')}`;
}
