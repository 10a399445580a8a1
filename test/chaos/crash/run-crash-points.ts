import { openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import type { Column } from './columns.ts';
import type { CrashPoint } from './crash-points.ts';
import { dieAt } from './die-at.ts';

/** The result of one message whose process died at one point. */
export interface CrashOutcome {
  point: CrashPoint;
  column: Column;
  findings: readonly Finding[];
  /** How it ended and how often it was sent, for people. */
  ending: string;
  /** From the death until the first message was at the provider; null when it never was. */
  recoveredInMs: number | null;
  /** Logs of its processes, when something is wrong. */
  logs: string;
}

export interface CellToRun {
  point: CrashPoint;
  column: Column;
}

/** Class B trusts "not found" only after a while; nothing else takes longer than a few leases. */
const SETTLE_MS = 300_000;
/** A critical message that was not sent yet is sent this soon after a kill. */
const PROMISE_MS = 20_000;

/** Runs cells side by side: most of their time is waiting for leases. */
export async function runCrashPoints(
  ground: Ground,
  cells: readonly CellToRun[],
  { atOnce, leaseSeconds }: { atOnce: number; leaseSeconds: number },
  say: (outcome: CrashOutcome) => void,
): Promise<CrashOutcome[]> {
  const outcomes: CrashOutcome[] = new Array(cells.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let k = next++; k < cells.length; k = next++) {
      outcomes[k] = await runCell(ground, cells[k]!, leaseSeconds);
      say(outcomes[k]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, cells.length) }, lane));
  return outcomes;
}

async function runCell(
  ground: Ground,
  { point, column }: CellToRun,
  leaseSeconds: number,
): Promise<CrashOutcome> {
  const cell = await openCell(ground, `${point.name} ${column.name}`, leaseSeconds);
  try {
    const diedAt = await dieAt(cell, point, column);
    const upAt = await cell.startHealthyWorker();
    const settled = await cell.settle(SETTLE_MS);
    const verdict = await cell.judge();
    const ids = await cell.sql<{ id: string; state: string }[]>`select id, state from notifications`;
    const known = new Set(ids.map(({ id }) => id));
    const copies = (await ground.simulator.ledger()).filter(({ notificationId }) =>
      known.has(notificationId ?? ''),
    );
    const last = copies.findLast(({ at }) => at >= diedAt);
    const recoveredInMs = last ? last.at - diedAt : null;
    const findings = [
      ...verdict.findings,
      ...tooSlow(point, column, last ? last.at - Math.max(upAt, diedAt) : null),
    ];
    const states = Object.entries(verdict.states).map(([state, n]) => (n === 1 ? state : `${n} ${state}`));
    return {
      point,
      column,
      findings,
      ending: `${states.join(', ')}; ${copies.length} sent${settled.open > 0 ? `; ${settled.open} unsettled` : ''}`,
      recoveredInMs,
      logs: findings.length > 0 ? cell.logs() : '',
    };
  } catch (error) {
    const findings: Finding[] = [{ rule: 'unproven', id: 'the run', why: (error as Error).message }];
    return { point, column, findings, ending: 'not proven', recoveredInMs: null, logs: cell.logs() };
  } finally {
    await cell.close();
  }
}

/**
 * Nothing had left: then it takes a lock or a lease and a look, not longer. Counted from the death, or from when a
 * healthy worker was there if that was later: how long a program takes to start is not what is promised. What may have
 * been sent is held back for evidence where there is neither key nor replacement.
 */
export function tooSlow(
  { leadsTo, soon }: CrashPoint,
  { guarantee }: Column,
  recoveredInMs: number | null,
): Finding[] {
  const mayWait = leadsTo === 'doubt' && (guarantee === 'B' || guarantee === 'D');
  if (!soon || mayWait || (recoveredInMs !== null && recoveredInMs <= PROMISE_MS)) return [];
  const when =
    recoveredInMs === null
      ? 'never'
      : `only ${recoveredInMs} ms after the kill, with a healthy worker beside`;
  return [
    { rule: 'slow_recovery', id: 'the message', why: `critical and unsent, and at its provider ${when}` },
  ];
}
