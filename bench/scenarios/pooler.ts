import { findPooler, startPooler } from '../../test/support/pooler.ts';
import type { CarillonSystem } from '../system.ts';
import { systemCpu } from '../table.ts';
import { endToEnd } from './end-to-end.ts';
import { BULK_MAIL, NORMAL_MAIL, type Run } from './run.ts';

/**
 * What a pooler in transaction mode costs: end to end directly and through PgBouncer on the same machine, turn by turn. The figures are the
 * ratio of the rates and that of the processor time per message; of the latter the pooler itself is no part.
 */
export async function pooler(
  run: Run,
  carillon: CarillonSystem,
  counts: { single: number; batch: number },
): Promise<void> {
  const found = findPooler();
  if ('missing' in found) return run.say(`pooler: not measured, ${found.missing}`);
  const bouncer = await startPooler(found, { server: carillon.databaseUrl });
  const kinds = [
    { kind: 'single', message: NORMAL_MAIL, batch: 1, connections: 50, count: counts.single },
    { kind: 'batch', message: BULK_MAIL, batch: 500, connections: 4, count: counts.batch },
  ] as const;
  const turn = async (how: string, env: Record<string, string>) => {
    await carillon.restartWith(env);
    const results = [];
    for (const { kind, ...wanted } of kinds) {
      const name = `pooler ${kind} ${how}`;
      // Engines compile what runs often.
      const aside = { ...run, figures: run.figures.aside() };
      await endToEnd({ ...aside, say: () => {} }, carillon, { ...wanted, name });
      results.push(await endToEnd(aside, carillon, { ...wanted, name }));
    }
    return results;
  };
  try {
    const direct = await turn('direct', {});
    const through = await turn('through', {
      DATABASE_URL: bouncer.through(carillon.databaseUrl),
      DATABASE_POOLER: 'transaction',
      DATABASE_DIRECT_URL: carillon.databaseUrl,
    });
    for (const [at, { kind }] of kinds.entries()) {
      const [one, other] = [direct[at]!, through[at]!];
      run.figures.add(`pooler ${kind} direct`, carillon.name, one.perSecond);
      run.figures.add(`pooler ${kind} through`, carillon.name, other.perSecond);
      run.figures.add(`pooler ${kind} ratio`, carillon.name, other.perSecond / one.perSecond);
      if (one.cpuUs && other.cpuUs)
        run.figures.add(
          `pooler ${kind} cpu ratio`,
          carillon.name,
          systemCpu(other.cpuUs) / systemCpu(one.cpuUs),
        );
    }
  } finally {
    await carillon.restartWith({});
    await bouncer.stop();
  }
}
