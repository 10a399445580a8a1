import { lanesOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import type { WorkerContext } from '../context.ts';
import { startLane } from '../lane.ts';
import type { Service } from '../service.ts';
import { laneLimit } from './concurrency-limits.ts';

/**
 * Notifications one process has in hand at most, per priority: bounds memory and the doubts after a crash. One lane
 * gets only a part: a provider that hangs must leave room for the other channels.
 */
const IN_HAND: Readonly<Record<Priority, { all: number; ofLane: number }>> = {
  critical: { all: 500, ofLane: 300 },
  normal: { all: 400, ofLane: 300 },
  // Five chunks: with three, PostgreSQL and the provider wait for each other (measured: 4 % slower).
  bulk: { all: 600, ofLane: 500 },
};

/** Consumes the lanes of one priority and calls the providers. */
export function deliveries(context: WorkerContext, priority: Priority): Service {
  const { breakers, canary, config, delivery, log, onError, producer, wake, workerRedis } = context;
  const shared = new PrioritySemaphore(IN_HAND[priority].all);
  const lanes = lanesOf([priority]).map((lane) => {
    const own = new PrioritySemaphore(IN_HAND[priority].ofLane);
    const consumer = startLane({
      delivery: { ...delivery, lane, wake, onError: onError(`lane ${lane}`) },
      limit: laneLimit(own, shared),
      breakers,
      workerRedis,
      namespace: config.NAMESPACE,
      producer,
      watch: canary,
      onNewer: (version) =>
        log.warn('a lane has jobs of a newer release: they wait for a newer worker', { lane, version }),
    });
    return { consumer, own };
  });
  return {
    name: `deliver ${priority}`,
    stop: async () => {
      // Closed before the limits are, or they would fetch jobs again that the limits refuse.
      const closed = lanes.map(({ consumer }) => consumer.close());
      for (const limit of [shared, ...lanes.map(({ own }) => own)]) limit.close();
      await Promise.all(closed);
    },
  };
}
