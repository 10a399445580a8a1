import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type FailureContext, failureOf } from '@carillon/core/program/explain-failure';
import { type Trouble, troubleWith } from '@carillon/core/program/readiness';
import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import type { ServerState } from '@carillon/core/program/server-looks';
import type { Redis } from 'ioredis';

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

/** How long the key exists; its value has no meaning. */
const KEY_MS = 60_000;
const FIRST_WORD_MS = 1_000;

/** @param key written by the watch alone; several processes may share it. */
export function watchWrites(
  redis: Redis,
  key: string,
  monotonic: () => number = () => performance.now(),
): WriteWatch {
  let refusedSince: number | null = null;
  let failure: unknown = null;
  // While there is no connection, the error of a command gives no reason; the error of the connection does.
  let connectionFailure: unknown = null;
  redis.on('error', (error) => {
    connectionFailure = error;
  });
  redis.on('ready', () => {
    connectionFailure = null;
  });
  return {
    async look() {
      if (redis.status !== 'ready' && connectionFailure === null) await firstWord(redis);
      try {
        await redis.call('set', key, '1', 'PX', KEY_MS);
        refusedSince = null;
        failure = null;
        return 'ok';
      } catch (error) {
        if (!saysElsewhere(error)) {
          failure = connectionFailure ?? asAnswer(error);
          return 'down';
        }
        refusedSince ??= monotonic();
        failure = failureOf('READ_ONLY', (error as Error).message);
        return 'read_only';
      }
    },
    trouble: () => (failure === null ? null : troubleWith('redis', failure, contextOf(redis))),
    refusedForMs: () => (refusedSince === null ? 0 : monotonic() - refusedSince),
  };
}

/** Before the first connection was made or failed there is nothing to report. */
async function firstWord(redis: Redis): Promise<void> {
  const late = new AbortController();
  const { signal } = late;
  const words = ['ready', 'error', 'end'].map((event) => once(redis, event, { signal }).catch(() => {}));
  await Promise.race([...words, pause(FIRST_WORD_MS, undefined, { signal, ref: false }).catch(() => {})]);
  late.abort();
}

function contextOf({ options: { host, port } }: Redis): FailureContext {
  return {
    what: 'Redis',
    setting: 'REDIS_URL',
    at: `redis://${host?.includes(':') ? `[${host}]` : host}:${port}`,
  };
}

/** ioredis gives these only a text: no connection yet, and no answer in time. */
function asAnswer(error: unknown): unknown {
  const { message } = error as Error;
  return /timed out|isn't writeable|Connection is closed/i.test(message)
    ? failureOf('NO_ANSWER', message)
    : error;
}
