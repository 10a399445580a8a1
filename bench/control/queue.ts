import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** A job carries the whole message, so that the worker need not read it again. */
export interface MessageJob {
  id: string;
  to: string;
  subject: string;
  text: string;
}

export const QUEUE = 'messages';
/** A namespace of its own in the Redis that both contenders share. */
export const PREFIX = 'control';

export function openQueue(connection: Redis): Queue<MessageJob> {
  return new Queue<MessageJob>(QUEUE, {
    connection,
    prefix: PREFIX,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: true,
    },
  });
}
