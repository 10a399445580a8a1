import { producerConnection } from '@carillon/queue/connection';
import { openEventQueue } from '@carillon/queue/event-queue';
import { relayEvents } from '../../../apps/worker/src/events/relay-events.ts';
import { insertApp } from '../../support/rows.ts';
import { until } from '../../support/until.ts';
import type { Finding } from '../judge/rules.ts';
import { answering, EVENT_WORKER, hanging, happen, register } from './event-endpoint.ts';
import type { Scenario } from './scenario.ts';

const EVENTS = 600;
const HANGING = 5;
/** Of other customers' events, while one's endpoints hang. Far below the end of the first hanging call, far above a busy machine. */
const HELD_UP_MS = 10_000;
const RECOVERY_MS = 60_000;

/**
 * Redis loses the list of waiting jobs of events and keeps the jobs themselves. Held against it: the repair replaces what is
 * left of a job.
 */
export const lostEventList: Scenario = {
  name: 'lost event list',
  settleMs: 10_000,
  async play(cell) {
    const customer = await answering(0);
    const redis = producerConnection(cell.redisUrl, 'chaos');
    await until('Redis to answer', () => redis.status === 'ready');
    const queue = openEventQueue(redis, cell.namespace);
    try {
      for (let k = 0; k < 20; k++) await register(cell.sql, cell.appId, `${customer.url}${k}`);
      await happen(cell, cell.appId, EVENTS / 20);
      await relayEvents({ sql: cell.sql, queue }).runOnce();
      const lost = await redis.del(queue.queue.toKey('wait'));
      cell.startWorker(undefined, EVENT_WORKER);
      const findings = await arrives(
        'event_late',
        'the events whose list was lost',
        RECOVERY_MS,
        async () => {
          const [row] = await cell.sql<[{ count: number }]>`
          select count(*)::int as count from event_deliveries where state = 'delivered'`;
          return row.count === EVENTS;
        },
      );
      if (lost === 0) findings.push({ rule: 'unproven', id: 'events', why: 'no list was there to be lost' });
      return { findings };
    } finally {
      await queue.close();
      redis.disconnect();
      customer.close();
    }
  },
};

/** The endpoints of one app accept and never answer. Held against it: the share of an endpoint. */
export const hangingEndpoints: Scenario = {
  name: 'hanging endpoints',
  settleMs: 10_000,
  async play(cell) {
    const [silent, healthy] = await Promise.all([hanging(), answering(0)]);
    try {
      const other = await insertApp(cell.sql);
      for (let k = 0; k < HANGING; k++) await register(cell.sql, cell.appId, `${silent.url}${k}`);
      await happen(cell, cell.appId, EVENTS / HANGING);
      cell.startWorker(undefined, EVENT_WORKER);
      await until('the hanging endpoints to be called', () => silent.calls() >= HANGING, {
        timeoutMs: 60_000,
      });
      await register(cell.sql, other, healthy.url);
      await happen(cell, other, 1);
      const what = 'the event of an app beside hanging endpoints of another';
      return { findings: await arrives('event_late', what, HELD_UP_MS, () => healthy.calls() > 0) };
    } finally {
      silent.close();
      healthy.close();
    }
  },
};

async function arrives(
  rule: 'event_late',
  what: string,
  timeoutMs: number,
  ask: () => boolean | Promise<boolean>,
): Promise<Finding[]> {
  try {
    await until(`${what} to arrive`, ask, { timeoutMs });
    return [];
  } catch (error) {
    return [{ rule, id: 'events', why: (error as Error).message }];
  }
}
