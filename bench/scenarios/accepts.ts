import type { Contender } from '../contender.ts';
import { runLoad } from '../load/run-load.ts';
import { startCpuMeter } from '../measure/cpu.ts';
import { BULK_MAIL, loadJob, NORMAL_MAIL, type Run } from './run.ts';

const TIMEOUT_MS = 120_000;

/**
 * How fast the API accepts while nothing else runs: workers are stopped, so only the API and PostgreSQL work (and, in
 * the control, Redis, which its accept path needs).
 */
export async function accepts(
  { ground, figures, say }: Run,
  contender: Contender,
  shape: { batch: number; count: number },
): Promise<void> {
  const { batch, count } = shape;
  const name = batch === 1 ? 'accepts single' : 'accepts batch';
  await contender.clear();
  await ground.checkpoint();
  const { postgres, redis } = ground.pids;
  const used = startCpuMeter({ ...contender.pids(), postgres, redis });
  const job = loadJob(contender, batch === 1 ? NORMAL_MAIL : BULK_MAIL, {
    kind: 'closed',
    count,
    batch,
    connections: batch === 1 ? 50 : 4,
  });
  const load = await runLoad(job, TIMEOUT_MS);
  const cpu = used();

  const stored = (await contender.acceptedIds()).size;
  figures.judge(`${name} ${contender.name}`, { lost: load.accepted - stored, doubled: 0 });
  const perSecond = load.accepted / ((load.endedAtMs - load.startedAtMs) / 1000);
  figures.add(name, contender.name, perSecond);
  figures.add(`${name} p99`, contender.name, load.latency.p99);
  for (const [process, us] of Object.entries(cpu ?? {})) {
    figures.add(`cpu ${name} ${process}`, contender.name, us / load.accepted);
  }
  await contender.clear();
  say(`${contender.name}: ${name} ${Math.round(perSecond)}/s`);
}
