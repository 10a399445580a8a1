import { lanesOf } from '@carillon/core/notification/lane';
import { openDatabase } from '@carillon/db/connection/client';
import { promote } from '@carillon/worker/maintenance/promote';
import { relayOnce } from '@carillon/worker/relay';
import type { CarillonSystem } from '../system.ts';
import { usedMemory } from './redis-memory.ts';
import type { Run } from './run.ts';

/**
 * What Redis holds when so many bulk sends are planned for the same second and that second is near: the real promoter and
 * the real relay, with every worker stopped.
 */
export async function scheduled(
  { figures, say }: Run,
  carillon: CarillonSystem,
  count: number,
): Promise<void> {
  await carillon.stopWorkers();
  await carillon.clear();
  const db = openDatabase({ url: carillon.databaseUrl, name: 'bench' });
  try {
    await plan(carillon, count);
    const before = await usedMemory(carillon.redis);
    const startedAt = performance.now();
    const released = await promote({ sql: db.sql, wake: () => {} }).runOnce();
    const promotedAt = performance.now();
    let relayed = 0;
    for (let turn = -1; turn !== 0; relayed += turn) {
      const lanes = lanesOf(['bulk']);
      turn = await relayOnce({ sql: db.sql, producer: carillon.producer, lanes, batchRows: 20 });
    }
    if (released !== count || relayed !== count)
      throw new Error(`of ${count} planned sends ${released} were released and ${relayed} relayed`);
    const rate = (from: number, to: number) => count / ((to - from) / 1000);
    // Bytes each, which are megabytes for a million of them.
    figures.add('scheduled memory', 'carillon', ((await usedMemory(carillon.redis)) - before) / count);
    figures.add('scheduled released', 'carillon', rate(startedAt, promotedAt));
    figures.add('scheduled relayed', 'carillon', rate(promotedAt, performance.now()));
    say(`carillon: ${count} planned sends are in their lane`);
  } finally {
    await db.close();
    await carillon.clear();
    await carillon.startWorkers();
  }
}

/** Inserted by hand: how they are accepted has figures of its own. */
async function plan({ sql }: CarillonSystem, count: number): Promise<void> {
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content,
      idempotency_key, request_hash, send_at, next_attempt_at)
    select gen_random_uuid(), a.id, 'scheduled', 'live', 'bulk', 'email', '{email}', '{"email": "ada@example.com"}',
      '{"subject": "Hello", "text": "Hello, Ada"}', i::text, '\\x00', due, due
    from generate_series(1, ${count}::int) i,
      (select id from apps limit 1) a,
      (select date_trunc('second', now() + interval '4 minutes') as due) moment`;
}
