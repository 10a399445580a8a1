import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import { Redis, type RedisOptions } from 'ioredis';

/**
 * The ioredis client that Bottleneck's scripts run on. Three repairs:
 * - Bottleneck 2.19.5 recognises a lost state by the exact messages `SETTINGS_KEY_NOT_FOUND` and `UNKNOWN_CLIENT`;
 *   Redis 7 sends them with `ERR ` in front. Unrepaired, every lease fails for good after FLUSHALL, a key's expiry or a
 *   restart without data.
 * - Commands must not wait for a Redis that is away: a permit is then refused with a time to come back, not hung. The
 *   subscriber is the exception: it has to subscribe again automatically.
 * - A Redis that reports itself a replica is left for the server that the address leads to now.
 */
export class RedisForBottleneck extends Redis {
  constructor(options: Omit<RedisOptions, 'replyMapping'>) {
    super({
      ...options,
      lazyConnect: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // Commands in flight when the connection broke fail at once; ioredis would keep them waiting forever.
      maxRetriesPerRequest: 0,
      retryStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000),
      // After a failover that left the socket open, a new one leads to the new server.
      reconnectOnError: saysElsewhere,
      // A half-open connection never answers; the pings of the heartbeat detect it.
      socketTimeout: 10_000,
    });
  }

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const answer = super.sendCommand(...args);
    // Attached before any other handler, so every handler sees the repaired message.
    if (answer instanceof Promise) answer.catch(repairMessage);
    return answer;
  }

  /** Bottleneck asks for the connection it subscribes with. */
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const subscriber = super.duplicate<Override>(override);
    Object.assign(subscriber.options, {
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
    });
    const send = subscriber.sendCommand.bind(subscriber);
    // Bottleneck unsubscribes without checking the result; on a lost connection that is an unhandled rejection.
    subscriber.sendCommand = (command, stream) => {
      const answer = send(command, stream);
      return command.name === 'unsubscribe' && answer instanceof Promise ? answer.catch(() => null) : answer;
    };
    return subscriber;
  }
}

/** Where an external client is connected to: Bottleneck needs connections of its own. */
export function optionsOf(redis: string | Redis): RedisOptions {
  if (typeof redis !== 'string') return redis.options;
  const client = new Redis(redis, { lazyConnect: true });
  client.disconnect();
  return client.options;
}

function repairMessage(error: unknown): void {
  if (error instanceof Error) {
    error.message = error.message.replace(/^ERR (SETTINGS_KEY_NOT_FOUND|UNKNOWN_CLIENT)/, '$1');
  }
}
