import { until } from '../../support/until.ts';
import { COLUMNS } from '../crash/columns.ts';
import { pointNamed } from '../crash/crash-points.ts';
import { dieAt } from '../crash/die-at.ts';
import { tooSlow } from '../crash/run-crash-points.ts';
import type { Scenario } from './scenario.ts';

/** A worker dies at one of the crash points, another one finds what is left. Held against it: rescue. */
export const diedClaimed: Scenario = diedAt('died claimed', 'deliver: claimed');

/** Held against it: rows leave the outbox only in the commit that follows their jobs. */
export const diedPublishing: Scenario = diedAt('died publishing', 'relay: rows taken, nothing published');

function diedAt(name: string, pointName: string): Scenario {
  return {
    name,
    settleMs: 90_000,
    async play(cell) {
      const point = pointNamed(pointName);
      const diedAt = await dieAt(cell, point, COLUMNS[0]!);
      const upAt = await cell.startHealthyWorker();
      const [row] = await cell.sql<{ id: string }[]>`select id from notifications`;
      const sent = until('it to be sent', () => cell.isTaken(row!.id), { timeoutMs: 60_000, everyMs: 100 });
      const recoveredInMs = await sent.then(
        () => Date.now() - Math.max(upAt, diedAt),
        () => null,
      );
      return { findings: tooSlow(point, COLUMNS[0]!, recoveredInMs) };
    },
  };
}
