import { LANES, type Lane } from '@carillon/core/notification/lane';
import { measureDoubts } from '@carillon/db/doubts/measure-doubts';
import { countDead } from '@carillon/db/notifications/count-dead';
import { measureOutbox } from '@carillon/db/outbox/measure-outbox';
import type { MeasuredLane, MeasuredParts } from '@carillon/db/overview/read-measured';
import { storeMeasured } from '@carillon/db/overview/write-measured';
import { countPendingEvents } from '@carillon/db/webhooks/count-pending-events';
import type { RedisClient } from '@carillon/queue/connection';
import { oldestWaiting } from '@carillon/queue/oldest-waiting';
import type { Producer } from '@carillon/queue/producer';
import { readMemory } from '@carillon/queue/redis-servers';
import type { Sql } from 'postgres';
import type { LeaderGauges } from '../leader-gauges.ts';
import type { Duty } from '../service.ts';

/**
 * Measures what is the same for all processes, for the gauges of the one that leads and for `GET /v1/overview`: lanes and
 * memory in Redis; outbox, doubts, dead notifications and waiting events in PostgreSQL. Never at a scrape: a scraper
 * decides how often it asks. All queries are bounded. Where one server is away, the gauges of the other are measured all the same.
 */
export interface MeasureOptions {
  sql: Sql;
  redis: RedisClient;
  producer: Producer;
  gauges: LeaderGauges;
  /** Lanes whose messages wait on purpose: their relay is not late. */
  holds?(lane: Lane): boolean;
  now?(): number;
}

const EVERY_MS = 5_000;
/** Under a flood the measurement is late rather than a burden. */
const REST_TIMES = 20;

export function measure({
  sql,
  redis,
  producer,
  gauges,
  holds = () => false,
  now = Date.now,
}: MeasureOptions): Duty {
  const oldest = oldestWaiting<Lane>(now);

  const ofLane = async (lane: Lane): Promise<MeasuredLane> => {
    const [depth, failed] = await Promise.all([producer.depth(lane), producer.failed(lane)]);
    const oldestSeconds = depth.waiting === 0 ? 0 : await oldest(lane, producer.queue(lane));
    return { lane, ...depth, failed, oldestSeconds };
  };

  const measureRedis = async (): Promise<MeasuredParts['redis']> => {
    const [lanes, memory] = await Promise.all([Promise.all(LANES.map(ofLane)), readMemory(redis)]);
    const measured = { lanes, ...memory };
    gauges.redis(measured);
    return measured;
  };

  const measurePostgres = async (): Promise<MeasuredParts['postgres']> => {
    // One after the other: they must not take connections from deliveries.
    const measured = await measureOutbox(sql);
    const outbox = measured.map((each) =>
      each.lane !== 'events' && holds(each.lane) ? { ...each, lagSeconds: 0 } : each,
    );
    const doubts = await measureDoubts(sql);
    const dead = await countDead(sql);
    const eventsPending = await countPendingEvents(sql);
    const all = { outbox, doubts, dead, eventsPending };
    gauges.postgres(all);
    return all;
  };

  return {
    name: 'measure',
    everyMs: EVERY_MS,
    restTimes: REST_TIMES,
    async runOnce() {
      const [ofRedis, ofPostgres] = await Promise.allSettled([measureRedis(), measurePostgres()]);
      if (ofRedis.status === 'rejected') gauges.redis(null);
      if (ofPostgres.status === 'rejected') gauges.postgres(null);
      await storeMeasured(sql, {
        ...(ofRedis.status === 'fulfilled' && { redis: ofRedis.value }),
        ...(ofPostgres.status === 'fulfilled' && { postgres: ofPostgres.value }),
      });
      for (const end of [ofRedis, ofPostgres]) if (end.status === 'rejected') throw end.reason;
      return 0;
    },
    standDown() {
      gauges.redis(null);
      gauges.postgres(null);
    },
  };
}
