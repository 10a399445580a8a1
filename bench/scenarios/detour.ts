import type { CarillonSystem } from '../system.ts';
import { systemCpu } from '../table.ts';
import { endToEnd } from './end-to-end.ts';
import { BULK_MAIL, NORMAL_MAIL, type Run } from './run.ts';

/**
 * What another way to a server costs: end to end directly and by the detour, turn by turn. The figures are the ratio of
 * the rates and that of the processor time per message; of the latter what stands in between is no part.
 *
 * @param part begins the names of the figures.
 * @param env of the programs on the detour.
 */
export async function detour(
  run: Run,
  carillon: CarillonSystem,
  { part, env, counts }: { part: string; env: Record<string, string>; counts: DetourCounts },
): Promise<void> {
  const kinds = [
    { kind: 'single', message: NORMAL_MAIL, batch: 1, connections: 50, count: counts.single },
    { kind: 'batch', message: BULK_MAIL, batch: 500, connections: 4, count: counts.batch },
  ] as const;
  const turn = async (how: string, env: Record<string, string>) => {
    await carillon.restartWith(env);
    const results = [];
    for (const { kind, ...wanted } of kinds) {
      const name = `${part} ${kind} ${how}`;
      // Engines compile what runs often.
      const aside = { ...run, figures: run.figures.aside() };
      await endToEnd({ ...aside, say: () => {} }, carillon, { ...wanted, name });
      results.push(await endToEnd(aside, carillon, { ...wanted, name }));
    }
    return results;
  };
  try {
    const direct = await turn('direct', {});
    const through = await turn('through', env);
    for (const [at, { kind }] of kinds.entries()) {
      const [one, other] = [direct[at]!, through[at]!];
      const add = (figure: string, value: number) =>
        run.figures.add(`${part} ${kind} ${figure}`, carillon.name, value);
      add('direct', one.perSecond);
      add('through', other.perSecond);
      add('ratio', other.perSecond / one.perSecond);
      if (one.cpuUs && other.cpuUs) add('cpu ratio', systemCpu(other.cpuUs) / systemCpu(one.cpuUs));
    }
  } finally {
    await carillon.restartWith({});
  }
}

export interface DetourCounts {
  single: number;
  batch: number;
}
