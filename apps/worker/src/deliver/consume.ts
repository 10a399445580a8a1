import type { Lane } from '@carillon/core/lane';
import type { Verdict, Work } from '@carillon/queue/consumer';
import type { Producer } from '@carillon/queue/producer';
import { deliver } from './deliver.ts';
import type { Gate } from './gate.ts';
import type { Delivery, Steps } from './steps.ts';

/**
 * A job's work and its fate. A single job shares the fate of its notification. A chunk ends when each of its
 * notifications has ended or has left it: what must wait or is stuck becomes a job of its own, visible in Bull Board
 * and retryable there, and never holds up its neighbours.
 */
export interface ConsumeOptions {
  lane: Lane;
  steps: Steps;
  producer: Producer;
  /** Bounds the notifications this process has in hand. */
  gate: Gate;
  /** A person pressed Retry on the failed job of this notification. */
  revive(id: string): Promise<unknown>;
  onCanary(lane: Lane): void;
  onError(error: unknown): void;
}

/** After a broken pipe (PostgreSQL away) a job looks again after this time; the row says what is left to do. */
const BROKEN_PIPE_MS = 2000;

export function createHandler(options: ConsumeOptions): (work: Work) => Promise<Verdict> {
  const { lane, steps, producer, gate, revive, onCanary, onError } = options;

  const attempt = async (id: string, retriedByHand: boolean): Promise<Delivery> => {
    try {
      if (retriedByHand) await revive(id);
      return await deliver(id, steps);
    } catch (error) {
      onError(error);
      return { now: 'waiting', at: Date.now() + BROKEN_PIPE_MS };
    }
  };

  return async ({ data, retriedByHand }) => {
    if ('canary' in data) {
      onCanary(lane);
      return { verdict: 'done' };
    }
    if ('id' in data) return gate.pass(1, async () => verdictOf(await attempt(data.id, retriedByHand)));
    return gate.pass(data.ids.length, async () => {
      const deliveries = await Promise.all(data.ids.map((id) => attempt(id, false)));
      await leaveChunk(lane, producer, data.ids, deliveries);
      return { verdict: 'done' };
    });
  };
}

function verdictOf(delivery: Delivery): Verdict {
  switch (delivery.now) {
    case 'settled':
      return { verdict: 'done' };
    case 'waiting':
      return { verdict: 'later', at: delivery.at };
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
  ids: readonly string[],
  deliveries: readonly Delivery[],
): Promise<void> {
  const stuck = ids.filter((_, index) => deliveries[index]?.now === 'stuck');
  if (stuck.length > 0) await producer.publish(lane, { ids: stuck });
  const now = Date.now();
  await Promise.all(
    ids.map(async (id, index) => {
      const delivery = deliveries[index];
      if (delivery?.now === 'waiting')
        await producer.publish(lane, { ids: [id], delayMs: Math.max(delivery.at - now, 1) });
    }),
  );
}
