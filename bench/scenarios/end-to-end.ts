import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from '../contender.ts';
import type { MessageSpec } from '../load/job.ts';
import { runLoad } from '../load/run-load.ts';
import { startCpuMeter, startMachineMeter } from '../measure/cpu.ts';
import { type Arrival, findFaults, type Ledger } from '../measure/ledger.ts';
import { loadJob, type Run } from './run.ts';

const TIMEOUT_MS = 180_000;
const QUIET_MS = 15_000;
/** After the last arrival its answer is in transit and its record is not written yet. */
const SETTLE_MS = 300;

export interface EndToEnd {
  /** Name of the figure. */
  name: string;
  message: MessageSpec;
  batch: number;
  connections: number;
  count: number;
  /** Where messages arrive, if not in the simulator's ledger. */
  ledger?: Ledger;
}

export interface EndToEndResult {
  perSecond: number;
  /** Microseconds per message, by process; null where the kernel does not tell. */
  cpuUs: Record<string, number> | null;
}

/** From the first POST to the last acceptance in the provider's ledger, everything running. */
export async function endToEnd(run: Run, contender: Contender, wanted: EndToEnd): Promise<EndToEndResult> {
  const { ground, figures, say } = run;
  const { name, message, batch, connections, count, ledger = ground.ledger } = wanted;
  await contender.clear();
  await ground.checkpoint();
  const mark = await ledger.mark();
  const machine = startMachineMeter();
  const mine = process.cpuUsage();
  const used = startCpuMeter({ ...contender.pids(), ...ground.pids });
  const job = loadJob(contender, message, { kind: 'closed', count, batch, connections });
  const [load] = await Promise.all([runLoad(job, TIMEOUT_MS), ledger.waitFor(mark, count, QUIET_MS)]);
  await pause(SETTLE_MS);
  const cpu = used();
  const others = machine();
  const { user, system } = process.cpuUsage(mine);

  const arrivals = await ledger.arrivals(mark);
  const faults = findFaults(await contender.acceptedIds(), arrivals);
  const unfinished = await untilFinished(contender);
  figures.judge(`${name} ${contender.name}`, { ...faults, lost: Math.max(faults.lost, unfinished) });

  const perSecond = arrivals.length / ((lastOf(arrivals) - load.startedAtMs) / 1000);
  figures.add(name, contender.name, perSecond);
  const cpuUs = cpu && Object.fromEntries(Object.entries(cpu).map(([process, us]) => [process, us / count]));
  for (const [process, us] of Object.entries(cpuUs ?? {})) {
    figures.add(`cpu ${name} ${process}`, contender.name, us);
  }
  if (cpu && others !== null) {
    figures.add(`cpu ${name} load`, contender.name, load.cpuUs / count);
    const known = Object.values(cpu).reduce((sum, us) => sum + us, 0) + load.cpuUs + user + system;
    figures.add(`cpu ${name} elsewhere`, contender.name, Math.max(0, others - known) / count);
  }
  say(
    `${contender.name}: ${name} ${Math.round(perSecond)}/s, lost ${faults.lost}, doubled ${faults.doubled}`,
  );
  return { perSecond, cpuUs };
}

function lastOf(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((last, { atMs }) => Math.max(last, atMs), Number.NEGATIVE_INFINITY);
}

/** @returns how many are still not at their end after some seconds */
async function untilFinished(contender: Contender): Promise<number> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const left = await contender.unfinished();
    if (left === 0 || Date.now() > deadline) return left;
    await pause(50);
  }
}
