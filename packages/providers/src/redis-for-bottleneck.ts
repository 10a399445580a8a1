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
  constructor(options: Omit<RedisOptions, 'replyMapping'>) {
    super({
      ...options,
      lazyConnect: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // What was on its way when the connection broke fails at once; ioredis would keep it waiting for ever.
      maxRetriesPerRequest: 0,
      retryStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000),
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
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const subscriber = super.duplicate<Override>(override);
    Object.assign(subscriber.options, {
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
    });
    const send = subscriber.sendCommand.bind(subscriber);
    // Bottleneck unsubscribes without looking whether it worked; on a lost connection that is an unhandled rejection.
    subscriber.sendCommand = (command, stream) => {
      const answer = send(command, stream);
      return command.name === 'unsubscribe' && answer instanceof Promise ? answer.catch(() => null) : answer;
    };
    return subscriber;
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
