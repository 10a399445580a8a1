import { consumeEvents, openEventQueue } from '@carillon/queue/event-queue';
import type { WorkerContext } from '../context.ts';
import { overdueEvents } from '../maintenance/overdue-events.ts';
import { type Service, startDuty } from '../service.ts';
import { createEmit } from './emit.ts';
import { guardedPost } from './guarded-post.ts';
import { relayEvents } from './relay-events.ts';

/** Everything that sends events to customers' endpoints: relay, consumer, and the duty that finds lost jobs. */
export function events(context: WorkerContext): Service {
  const { config, db, workerRedis, producerRedis, metrics, hooks } = context;
  const { NAMESPACE: namespace, ENCRYPTION_KEYS: ring, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  const { sql } = db;
  const onError = context.onError('events');
  const queue = openEventQueue(producerRedis, namespace);
  const http = guardedPost({ allowPrivate });
  const emit = createEmit({
    sql,
    ring,
    http,
    onTried: metrics.eventTried,
    onDelivered: metrics.eventDelivered,
    groupsOf: metrics.delivery.groupsOf,
    onError,
  });
  const consumer = consumeEvents({ connection: workerRedis, namespace, handle: emit.ring, onError });
  const duties = [relayEvents({ sql, queue }), overdueEvents({ sql, queue })].map((duty) =>
    startDuty(duty, hooks),
  );
  return {
    name: 'events',
    stop: async () => {
      await Promise.all([consumer.close(), emit.close(), ...duties.map((duty) => duty.stop())]);
      await Promise.all([queue.close(), http.close()]);
    },
  };
}
