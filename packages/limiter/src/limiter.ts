import type { Priority } from '@carillon/core/notification/priority';
import Bottleneck from 'bottleneck';
import { leases } from './leases.ts';
import { GRANTED, type Permit, PermitQueue } from './permit-queue.ts';
import { bottleneckClient } from './redis-for-bottleneck.ts';

/**
 * Holds every account to its rate over all workers: Bottleneck, clustered through Redis, hands out leases of several
 * permits (a tenth of a second's worth), each process shares its leases out by priority, and between processes the more
 * urgent request goes first.
 *
 * The guarantee: leases are `lease` permits every `lease / rate` seconds, counted in Redis. A permit may be used one
 * interval after its lease was taken, so any one second sees at most `rate + lease x (1 + processes)` sends, where
 * `lease = max(1, rate / 10)`: in practice the rate and one lease. Bottleneck uses its caller's clock; clocks that
 * differ make the rate lower, never higher.
 */
export interface Limiter {
  /**
   * Requests permission to call an account once.
   *
   * @param maxWaitMs how long the caller would wait; a longer expected wait is refused at once.
   * @returns granted, or when to come back. Never rejects: an unreachable Redis is a refusal.
   */
  permit(
    account: { id: string; ratePerSecond?: number },
    priority: Priority,
    maxWaitMs: number,
  ): Promise<Permit>;
  close(): Promise<void>;
}

export type { Permit } from './permit-queue.ts';

export interface LimiterOptions {
  redisUrl: string;
  /** Prefix of every key. */
  namespace: string;
  /** Called when Redis fails; the limiter recovers automatically. */
  onError?(error: unknown): void;
}

export function leaseSize(ratePerSecond: number): number {
  return Math.max(1, Math.floor(ratePerSecond / 10));
}

export function createLimiter({ redisUrl, namespace, onError }: LimiterOptions): Limiter {
  const redis = bottleneckClient(redisUrl);
  const tell = (error: unknown): void => onError?.(error);
  const connection = new Bottleneck.IORedisConnection({ client: redis });
  connection.on('error', tell);
  const queues = new Map<string, { rate: number; queue: PermitQueue }>();

  return {
    permit({ id, ratePerSecond }, priority, maxWaitMs) {
      if (ratePerSecond === undefined) return GRANTED;
      let known = queues.get(id);
      if (known?.rate !== ratePerSecond) {
        known?.queue.close();
        // Whole milliseconds: Bottleneck keeps times in Redis as integers, and its script fails at any other. Rounded
        // up, so that the rate is never exceeded.
        const leaseEveryMs = Math.ceil((leaseSize(ratePerSecond) / ratePerSecond) * 1000);
        const lease = leases({ redis, connection, id: `{${namespace}:rate:${id}}`, leaseEveryMs, tell });
        const queue = new PermitQueue({ leaseSize: leaseSize(ratePerSecond), leaseEveryMs, lease });
        known = { rate: ratePerSecond, queue };
        queues.set(id, known);
      }
      return known.queue.ask(priority, maxWaitMs);
    },
    async close() {
      for (const { queue } of queues.values()) queue.close();
      queues.clear();
      await connection.disconnect(false);
    },
  };
}
