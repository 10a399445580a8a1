import type { Lane } from '@carillon/core/lane';
import type { Verdict, Work } from '@carillon/queue/consumer';
import type { Producer } from '@carillon/queue/producer';
import { NO_LINE, type WaitingLine } from '../breaker/waiting-line.ts';
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
  /** Where deliveries wait, in front of the gate, while no account of their channel takes calls. */
  line?: Pick<WaitingLine, 'isFree' | 'admits' | 'enter' | 'leave'>;
  /** A person pressed Retry on the failed job of this notification. Returns why it must not be sent again, if so. */
  revive(id: string): Promise<string | null>;
  onCanary(lane: Lane): void;
  onError(error: unknown): void;
}

/** After a broken pipe (PostgreSQL away) a job looks again after this time; the row says what is left to do. */
const BROKEN_PIPE_MS = 2000;

export function createHandler(options: ConsumeOptions): (work: Work) => Promise<Verdict> {
  const { lane, steps, producer, gate, line = NO_LINE, revive, onCanary, onError } = options;

  const attempt = async (id: string, retriedByHand: boolean): Promise<Delivery> => {
    try {
      const refusal = retriedByHand ? await revive(id) : null;
      return refusal === null ? await deliver(id, steps, onError) : { now: 'stuck', reason: refusal };
    } catch (error) {
      onError(error);
      return { now: 'waiting', at: Date.now() + BROKEN_PIPE_MS };
    } finally {
      line.leave(id);
    }
  };

  /** @returns null if the process stops before its turn: nothing was done, whoever runs this lane next goes on. */
  const attemptInTurn = async (id: string, retriedByHand: boolean): Promise<Delivery | null> => {
    while (!gate.isClosed() && (await line.enter(lane, id))) {
      // Breakers may have opened while it waited for the gate.
      const delivery = await gate.pass(1, async () =>
        line.admits(lane, id) ? attempt(id, retriedByHand) : null,
      );
      if (delivery) return delivery;
    }
    return null;
  };

  const attemptChunk = async (ids: readonly string[]): Promise<(Delivery | null)[]> => {
    const together = line.isFree(lane)
      ? await gate.pass(ids.length, async () =>
          line.isFree(lane) ? Promise.all(ids.map((id) => attempt(id, false))) : null,
        )
      : null;
    return together ?? Promise.all(ids.map((id) => attemptInTurn(id, false)));
  };

  return async ({ data, retriedByHand }) => {
    if ('canary' in data) {
      onCanary(lane);
      return { verdict: 'done' };
    }
    if ('id' in data) return verdictOf(await attemptInTurn(data.id, retriedByHand));
    const deliveries = await attemptChunk(data.ids);
    await leaveChunk(lane, producer, data.ids, deliveries);
    // Those that were not attempted stay in it.
    return deliveries.includes(null) ? verdictOf(null) : { verdict: 'done' };
  };
}

function verdictOf(delivery: Delivery | null): Verdict {
  // The process stops before its turn: it is another one's at once.
  if (delivery === null) return { verdict: 'later', at: Date.now() };
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
  deliveries: readonly (Delivery | null)[],
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
