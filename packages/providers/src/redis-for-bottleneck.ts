import { Redis, type RedisOptions } from 'ioredis';

/**
 * The ioredis client that Bottleneck's scripts run on. Two repairs:
 * - Bottleneck 2.19.5 recognises a lost state by the exact messages `SETTINGS_KEY_NOT_FOUND` and `UNKNOWN_CLIENT`;
 *   Redis 7 sends them with `ERR ` in front. Unrepaired, every lease fails for good after FLUSHALL, a key's expiry or a
 *   restart without data.
 * - Commands must not wait for a Redis that is away: a permit is then refused with a time to come back, not hung.
 *   The subscriber is the exception, it has to find its channels again by itself.
 */
export class RedisForBottleneck extends Redis {
  constructor(options: RedisOptions) {
    super({
      ...options,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: null,
      retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000),
      // A half-open connection answers nothing for ever; the pings of the heartbeat find it.
      socketTimeout: 10_000,
    });
  }

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const answer = super.sendCommand(...args);
    // Attached before anybody else's handler, so everybody sees the repaired message.
    if (answer instanceof Promise) answer.catch(repairMessage);
    return answer;
  }

  /** Bottleneck asks for the connection it subscribes with. */
  override duplicate(): RedisSubscriber {
    return new RedisSubscriber({
      ...this.options,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
    });
  }
}

class RedisSubscriber extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const answer = super.sendCommand(...args);
    const [command] = args;
    // Bottleneck unsubscribes without looking whether it worked; on a closed connection that is an unhandled rejection.
    return command.name === 'unsubscribe' && answer instanceof Promise ? answer.catch(() => null) : answer;
  }
}

/** Where a client that somebody else holds is connected to: Bottleneck needs connections of its own. */
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
