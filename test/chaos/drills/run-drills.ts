import { type ChaosSettings, startChaosSystem } from '../system/chaos-system.ts';
import { deadProviders } from './dead-provider.ts';
import type { Drill, DrillResult } from './drill.ts';
import { lostRedis } from './lost-redis.ts';

export const DRILLS: readonly Drill[] = [lostRedis, ...deadProviders];

export type DrillOutcome = DrillResult & { name: string };

/** One after the other, each on a system of its own: what is measured is the fault and nothing else. */
export async function runDrills(
  drills: readonly Drill[],
  settings: ChaosSettings,
  say: (line: string) => void,
): Promise<DrillOutcome[]> {
  const outcomes: DrillOutcome[] = [];
  for (const drill of drills) {
    say(drill.name);
    const system = await startChaosSystem((line) => say(`  (${line})`), settings);
    try {
      outcomes.push({ name: drill.name, ...(await drill.play(system, (line) => say(`  ${line}`))) });
      if (outcomes.at(-1)!.broken.length > 0) system.keep();
    } finally {
      await system.stop();
    }
    say(renderDrill(outcomes.at(-1)!));
  }
  return outcomes;
}

function renderDrill({ figures, broken }: DrillOutcome): string {
  const width = Math.max(...figures.map(([what]) => what.length));
  const lines = figures.map(([what, figure]) => `  ${what.padEnd(width)}  ${figure}`);
  return [...lines, ...(broken.length > 0 ? broken.map((each) => `  BROKEN: ${each}`) : ['  kept'])].join(
    '\n',
  );
}
