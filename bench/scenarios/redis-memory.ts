import { lanesOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import type { RedisClient } from '@carillon/queue/connection';
import { relayOnce } from '@carillon/worker/relay';
import type { ControlSystem } from '../control-system.ts';
import { runLoad } from '../load/run-load.ts';
import type { CarillonSystem } from '../system.ts';
import { BULK_MAIL, CRITICAL_MAIL, loadJob, type Run } from './run.ts';

const TIMEOUT_MS = 120_000;

/** Bytes of Redis per message that waits in a lane: the real relay fills it, with every worker stopped. */
export async function redisMemory(
  { figures, say }: Run,
  carillon: CarillonSystem,
  counts: { bulk: number; single: number },
): Promise<void> {
  await carillon.stopWorkers();
  const measure = async (name: string, priority: Priority, count: number) => {
    await carillon.clear();
    const before = await usedMemory(carillon.redis);
    const message = priority === 'bulk' ? BULK_MAIL : CRITICAL_MAIL;
    await runLoad(
      loadJob(carillon, message, { kind: 'closed', count, batch: 500, connections: 4 }),
      TIMEOUT_MS,
    );
    const { sql, producer } = carillon;
    let moved = 0;
    for (let turn = -1; turn !== 0; moved += turn) {
      turn = await relayOnce({ sql, producer, lanes: lanesOf([priority]), batchRows: 20 });
    }
    if (moved !== count) throw new Error(`the relay moved ${moved} of ${count} ${priority} messages`);
    const bytes = ((await usedMemory(carillon.redis)) - before) / count;
    figures.add(name, 'carillon', bytes);
    say(`carillon: ${name} ${bytes.toFixed(0)} bytes`);
  };
  await measure('memory bulk', 'bulk', counts.bulk);
  await measure('memory single', 'critical', counts.single);
  await carillon.clear();
  await carillon.startWorkers();
}

export async function controlMemory(
  { figures, say }: Run,
  control: ControlSystem,
  redis: RedisClient,
  count: number,
): Promise<void> {
  await control.stopWorkers();
  await control.clear();
  const before = await usedMemory(redis);
  await control.fill(count);
  const bytes = ((await usedMemory(redis)) - before) / count;
  // One kind of job serves both rows.
  figures.add('memory bulk', 'control', bytes);
  figures.add('memory single', 'control', bytes);
  say(`control: memory ${bytes.toFixed(0)} bytes`);
  await control.clear();
  await control.startWorkers();
}

/** What is stored, without the buffers of clients and of the append-only file: those follow the traffic. */
export async function usedMemory(redis: RedisClient): Promise<number> {
  const info = await redis.info('memory');
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return field('used_memory') - field('mem_clients_normal') - field('mem_aof_buffer');
}
