import { partsOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { reviveByHand } from '@carillon/db/doubts/revive-by-hand';
import { type Consumer, consume } from '@carillon/queue/consumer';
import type { Producer } from '@carillon/queue/producer';
import type { Breakers } from './breaker/breakers.ts';
import type { LaneLimit } from './deliver/concurrency-limits.ts';
import { createHandler } from './deliver/consume.ts';
import type { LaneParts as DeliveryLaneParts } from './deliver/context.ts';
import { openLane } from './deliver/open-lane.ts';
import type { Canary } from './maintenance/canary.ts';

/** One lane of this process: the consumer that runs its deliveries. */
export interface LaneParts {
  /** What deliveries work with; wired once for the process. */
  delivery: Omit<DeliveryLaneParts, 'gatherMs'>;
  limit: LaneLimit;
  breakers: Breakers;
  workerRedis: Parameters<typeof consume>[0]['connection'];
  namespace: string;
  producer: Producer;
  watch: Canary;
  /** Jobs of a newer release wait in the lane. */
  onNewer?(version: number): void;
}

/** Urgent outcomes are visible at once; bulk is recorded by the hundred. */
const RECORDS_GATHER_MS: Readonly<Record<Priority, number>> = { critical: 0, normal: 0, bulk: 16 };

export function startLane(parts: LaneParts): Consumer {
  const { delivery, limit, breakers, workerRedis, namespace, producer, watch, onNewer } = parts;
  const { lane, sql, onError } = delivery;
  const context = openLane({ ...delivery, gatherMs: RECORDS_GATHER_MS[partsOf(lane).priority] });
  const handle = createHandler({
    context,
    producer,
    limit,
    line: breakers.line,
    revive: (id) => reviveByHand(sql, id),
    onCanary: watch.seen,
  });
  const consumer = consume({
    lane,
    connection: workerRedis,
    namespace,
    handle,
    onError,
    ...(onNewer ? { onNewer } : {}),
  });
  breakers.onLook(() => (breakers.rests(lane) ? consumer.pause() : consumer.resume()));
  return consumer;
}
