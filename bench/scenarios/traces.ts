import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CarillonSystem } from '../system.ts';
import { systemCpu } from '../table.ts';
import { endToEnd } from './end-to-end.ts';
import { BULK_MAIL, NORMAL_MAIL, type Run } from './run.ts';

/**
 * What traces cost: end to end without them and with all messages traced, turn by turn. The figure is the ratio of
 * processor time per message of all processes of the system. The collector takes every export and reads none.
 */
export async function traces(
  run: Run,
  carillon: CarillonSystem,
  counts: { single: number; batch: number },
): Promise<void> {
  const collector = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const measure = async (to: Run): Promise<{ single: number | null; batch: number | null }> => {
    const cpuOf = async (name: string, message: typeof BULK_MAIL, batch: number, count: number) => {
      const wanted = { name: `traces ${name}`, message, batch, connections: batch === 1 ? 50 : 4, count };
      const { cpuUs } = await endToEnd(to, carillon, wanted);
      return cpuUs && systemCpu(cpuUs);
    };
    return {
      single: await cpuOf('single', NORMAL_MAIL, 1, counts.single),
      batch: await cpuOf('batch', BULK_MAIL, 500, counts.batch),
    };
  };
  const turn = async (env: Record<string, string>) => {
    await carillon.restartWith(env);
    // Engines compile what runs often.
    await measure({ ...run, figures: run.figures.aside(), say: (line) => run.say(`warm-up, ${line}`) });
    return measure({ ...run, figures: run.figures.aside() });
  };
  try {
    const off = await turn({});
    const on = await turn({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    for (const kind of ['single', 'batch'] as const) {
      const [without, withThem] = [off[kind], on[kind]];
      if (without === null || withThem === null) continue;
      run.figures.add(`traces ${kind} off`, carillon.name, without);
      run.figures.add(`traces ${kind} on`, carillon.name, withThem);
      run.figures.add(`traces ${kind} ratio`, carillon.name, withThem / without);
    }
  } finally {
    await carillon.restartWith({});
    collector.closeAllConnections();
    collector.close();
  }
}
