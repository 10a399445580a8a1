import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { LANES } from '@carillon/core/notification/lane';
import { type FailureContext, failureOf } from '@carillon/core/program/explain-failure';
import { type Trouble, troubleWith } from '@carillon/core/program/readiness';
import { whereIs } from '@carillon/core/program/redis-address';
import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import type { ServerState } from '@carillon/core/program/server-looks';
import { Cluster } from 'ioredis';
import { addressOf, type RedisClient } from './connection.ts';
import { prefixOf } from './topology.ts';

/**
 * Whether Redis takes writes. Distinguishes a Redis that answers and refuses them (a replica, after a failover that
 * left the sockets open) from one that does not answer: only the first can be repaired by this process, by connecting
 * again.
 */
export interface WriteWatch {
  /** Writes one small key. Never rejects. @returns the result. */
  look(): Promise<RedisState>;
  /**
   * For how long writes have been refused, in ms; 0 if the last one was taken. A Redis that is away changes nothing.
   */
  refusedForMs(): number;
  /** Why the last check found no writable Redis; null if it found one. */
  trouble(): Trouble | null;
}

/** `read_only`: it answers and refuses writes. */
export type RedisState = ServerState;

/** How long a key exists; its value has no meaning. */
const KEY_MS = 60_000;
const FIRST_WORD_MS = 1_000;

/** The watch writes one key, and on a cluster one for each lane, whose masters fail one by one. */
export function watchWrites(
  redis: RedisClient,
  namespace: string,
  monotonic: () => number = () => performance.now(),
): WriteWatch {
  const keys =
    redis instanceof Cluster
      ? LANES.map((lane) => `${prefixOf(lane, namespace)}:writable`)
      : [`{${namespace}:writable}`];
  let refusedSince: number | null = null;
  let failure: unknown = null;
  // While there is no connection, the error of a command gives no reason; the error of the connection does.
  let connectionFailure: unknown = null;
  redis.on('error', (error: Error) => {
    connectionFailure = (error as ClusterError).lastNodeError ?? error;
  });
  redis.on('ready', () => {
    connectionFailure = null;
  });
  return {
    async look() {
      if (redis.status !== 'ready' && connectionFailure === null) await firstWord(redis);
      const writes = await Promise.allSettled(keys.map((key) => redis.call('set', key, '1', 'PX', KEY_MS)));
      const errors = writes.flatMap((write) => (write.status === 'rejected' ? [write.reason as Error] : []));
      if (errors.length === 0) {
        refusedSince = null;
        failure = null;
        return 'ok';
      }
      const refusal = errors.find(saysElsewhere);
      if (refusal === undefined) {
        failure = asAnswer((connectionFailure as Error | null) ?? errors[0]!);
        return 'down';
      }
      refusedSince ??= monotonic();
      failure = failureOf(
        /CLUSTERDOWN/.test(refusal.message) ? 'CLUSTER_DOWN' : 'READ_ONLY',
        refusal.message,
      );
      return 'read_only';
    },
    trouble: () => (failure === null ? null : troubleWith('redis', failure, contextOf(redis))),
    refusedForMs: () => (refusedSince === null ? 0 : monotonic() - refusedSince),
  };
}

/** Before the first connection was made or failed there is nothing to report. */
async function firstWord(redis: RedisClient): Promise<void> {
  const late = new AbortController();
  const { signal } = late;
  const words = ['ready', 'error', 'end'].map((event) => once(redis, event, { signal }).catch(() => {}));
  await Promise.race([...words, pause(FIRST_WORD_MS, undefined, { signal, ref: false }).catch(() => {})]);
  late.abort();
}

function contextOf(redis: RedisClient): FailureContext {
  const address = addressOf(redis);
  const at =
    address && (address.kind === 'single' ? whereIs(address) : whereIs(address).replace(/^.*?:\/\//, ''));
  return { what: 'Redis', setting: 'REDIS_URL', ...(at === undefined ? {} : { at }) };
}

/** Of ioredis: its own text names no reason, that of the node does. */
interface ClusterError extends Error {
  lastNodeError?: Error;
}

/** ioredis gives these only a text: no connection yet, no answer in time, and no master that any Sentinel knows. */
function asAnswer(error: Error): Error {
  const { message } = error;
  if (/too many cluster redirections/i.test(message)) return failureOf('MASTER_AWAY', message);
  if (/sentinels? (?:are|is) unreachable/i.test(message)) return failureOf('NO_MASTER', message);
  return /timed out|isn't writeable|Connection is closed|Failed to refresh slots cache/i.test(message)
    ? failureOf('NO_ANSWER', message)
    : error;
}
