import type { Delivery } from '@carillon/core/notification/attempt-end';
import type { Lane } from '@carillon/core/notification/lane';
import type { Verdict, Work } from '@carillon/queue/consumer';
import type { ChunkJob } from '@carillon/queue/job-data';
import type { Producer } from '@carillon/queue/producer';
import { NO_WAIT_QUEUE, type WaitQueue } from '../breaker/wait-queue.ts';
import type { LaneLimit } from './concurrency-limits.ts';
import type { LaneContext } from './context.ts';
import { deliver } from './deliver.ts';

/**
 * A job's work and its fate. A single job shares the fate of its notification. A chunk ends when each of its
 * notifications has ended or has left it: one that must wait or is stuck becomes a job of its own, visible in Bull
 * Board and retryable there, and never holds up the others.
 */
export interface ConsumeOptions {
  context: LaneContext;
  producer: Producer;
  /** Bounds the notifications this process has in hand. */
  limit: LaneLimit;
  /** Where deliveries wait, before they are admitted, while no account of their channel takes calls. */
  line?: Pick<WaitQueue, 'isFree' | 'admits' | 'enter' | 'leave'>;
  /** A person pressed Retry on the failed job of this notification. Returns why it must not be sent again, if so. */
  revive(id: string): Promise<string | null>;
  onCanary(lane: Lane): void;
}

/**
 * After a failure such as PostgreSQL being away, a job looks again after this time; the row holds what is left to do.
 */
const BROKEN_PIPE_MS = 2000;

export function createHandler(options: ConsumeOptions): (work: Work) => Promise<Verdict> {
  const { context, producer, limit, line = NO_WAIT_QUEUE, revive, onCanary } = options;
  const { lane, onError } = context;

  const attempt = async (
    id: string,
    published: string | undefined,
    retriedByHand: boolean,
  ): Promise<Delivery> => {
    try {
      const refusal = retriedByHand ? await revive(id) : null;
      return refusal === null ? await deliver(context, id, published) : { now: 'stuck', reason: refusal };
    } catch (error) {
      onError(error, id);
      return { now: 'waiting', inMs: BROKEN_PIPE_MS };
    } finally {
      line.leave(id);
    }
  };

  /**
   * @returns null if the process stops before its turn: nothing was done, and the next worker of this lane continues.
   */
  const attemptInTurn = async (
    id: string,
    published: string | undefined,
    retriedByHand: boolean,
  ): Promise<Delivery | null> => {
    while (!limit.isClosed() && (await line.enter(lane, id))) {
      // Breakers may have opened while it waited to be admitted.
      const delivery = await limit.run(1, async () =>
        line.admits(lane, id) ? attempt(id, published, retriedByHand) : null,
      );
      if (delivery) return delivery;
    }
    return null;
  };

  const attemptChunk = async (
    ids: readonly string[],
    published: string | undefined,
  ): Promise<(Delivery | null)[]> => {
    const together = line.isFree(lane)
      ? await limit.run(ids.length, async () =>
          line.isFree(lane) ? Promise.all(ids.map((id) => attempt(id, published, false))) : null,
        )
      : null;
    return together ?? Promise.all(ids.map((id) => attemptInTurn(id, published, false)));
  };

  return async ({ data, retriedByHand }) => {
    if ('canary' in data) {
      onCanary(lane);
      return { verdict: 'done' };
    }
    const { traceparent } = data;
    if ('id' in data) return verdictOf(await attemptInTurn(data.id, traceparent, retriedByHand));
    const deliveries = await attemptChunk(data.ids, traceparent);
    await leaveChunk(lane, producer, data, deliveries);
    // Those that were not attempted stay in it.
    return deliveries.includes(null) ? verdictOf(null) : { verdict: 'done' };
  };
}

function verdictOf(delivery: Delivery | null): Verdict {
  // The process stops before its turn: another worker takes it at once.
  if (delivery === null) return { verdict: 'later', inMs: 0 };
  switch (delivery.now) {
    case 'settled':
      return { verdict: 'done' };
    case 'waiting':
      return { verdict: 'later', inMs: delivery.inMs };
    case 'stuck':
      return { verdict: 'failed', reason: delivery.reason };
  }
}

/**
 * A stuck one's own job runs at once, finds its notification failed, dead or in doubt, and so lands in the failed set.
 * If this process dies before the jobs are made, rescue makes them from `next_attempt_at`.
 */
async function leaveChunk(
  lane: Lane,
  producer: Producer,
  { ids, traceparent }: ChunkJob,
  deliveries: readonly (Delivery | null)[],
): Promise<void> {
  const stuck = ids.filter((_, index) => deliveries[index]?.now === 'stuck');
  if (stuck.length > 0) await producer.publish(lane, { ids: stuck, traceparent });
  await Promise.all(
    ids.map(async (id, index) => {
      const delivery = deliveries[index];
      if (delivery?.now === 'waiting')
        await producer.publish(lane, { ids: [id], delayMs: Math.max(delivery.inMs, 1), traceparent });
    }),
  );
}
