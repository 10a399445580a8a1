import type { KeyRing } from '@carillon/core/envelope';
import { consumeEvents, openEventQueue } from '@carillon/queue/event-queue';
import type { Redis } from 'ioredis';
import type { Sql } from 'postgres';
import { overdueEvents } from '../maintain/overdue-events.ts';
import type { Duty } from '../service.ts';
import { createEmit, type EmitOptions } from './emit.ts';
import { guardedPost } from './guarded-post.ts';
import { relayEvents } from './relay-events.ts';

export interface EventsOptions {
  sql: Sql;
  ring: KeyRing;
  workerRedis: Redis;
  producerRedis: Redis;
  namespace: string;
  allowPrivate: boolean;
  onTried: NonNullable<EmitOptions['onTried']>;
  onError(error: unknown): void;
}

/** Everything that brings events to customers' endpoints: relay, consumer, and the duty that finds lost jobs. */
export function startEmit(options: EventsOptions): { duties: Duty[]; close(): Promise<void> } {
  const { sql, ring, workerRedis, producerRedis, namespace, allowPrivate, onTried, onError } = options;
  const queue = openEventQueue(producerRedis, namespace);
  const http = guardedPost({ allowPrivate });
  const consumer = consumeEvents({
    connection: workerRedis,
    namespace,
    handle: createEmit({ sql, ring, http, onTried }),
    onError,
  });
  return {
    duties: [relayEvents({ sql, queue }), overdueEvents({ sql, queue })],
    close: async () => {
      await consumer.close();
      await Promise.all([queue.close(), http.close()]);
    },
  };
}
