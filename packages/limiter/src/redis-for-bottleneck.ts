import { parseRedisAddress, type RedisCluster } from '@carillon/core/program/redis-address';
import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import { clusterOptions, sentinelOptions, serverOptions } from '@carillon/core/program/redis-options';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/**
 * The ioredis client that Bottleneck's scripts run on. Three repairs:
 * - Bottleneck 2.19.5 recognises a lost state by the exact messages `SETTINGS_KEY_NOT_FOUND` and `UNKNOWN_CLIENT`;
 *   Redis 7 sends them with `ERR ` in front. Unrepaired, every lease fails for good after FLUSHALL, a key's expiry or a
 *   restart without data.
 * - Commands must not wait for a Redis that is away: a permit is then refused with a time to come back, not hung. The
 *   subscriber is the exception: it has to subscribe again automatically.
 * - A Redis that reports itself a replica is left for the server that the address leads to now.
 */
export type BottleneckClient = RedisForBottleneck | ClusterForBottleneck;

/** @param url in one of the forms of `REDIS_URL` (core/program/redis-address.ts). */
export function bottleneckClient(url: string): BottleneckClient {
  const address = parseRedisAddress(url);
  if ('problem' in address) throw new Error(`REDIS_URL ${address.problem}`);
  switch (address.kind) {
    case 'single':
      return new RedisForBottleneck(optionsIn(address.url));
    case 'sentinel':
      return new RedisForBottleneck(sentinelOptions(address));
    case 'cluster':
      return new ClusterForBottleneck(address);
  }
}

type Options = Omit<RedisOptions, 'replyMapping'>;

const OF_A_SERVER: Options = {
  autoResendUnfulfilledCommands: false,
  // Commands in flight when the connection broke fail at once; ioredis would keep them waiting forever.
  maxRetriesPerRequest: 0,
  // A half-open connection never answers; the pings of the heartbeat detect it.
  socketTimeout: 10_000,
};

export class RedisForBottleneck extends Redis {
  constructor(options: Options) {
    super({
      ...options,
      ...OF_A_SERVER,
      lazyConnect: false,
      enableOfflineQueue: false,
      // After a failover that left the socket open, a new one leads to the new server.
      reconnectOnError: saysElsewhere,
      retryStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 6), 1_000),
    });
  }

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    return repaired(super.sendCommand(...args));
  }

  /** Bottleneck asks for the connection it subscribes with. */
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const subscriber = super.duplicate<Override>(override);
    Object.assign(subscriber.options, {
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: null,
    });
    return quietlyUnsubscribing(subscriber);
  }
}

export class ClusterForBottleneck extends Cluster {
  constructor(address: RedisCluster) {
    super([...address.hosts], {
      ...clusterOptions(address),
      enableOfflineQueue: false,
      // As a producer's: queue/connection.ts.
      maxRedirections: 3,
      retryDelayOnFailover: 50,
      retryDelayOnClusterDown: 50,
      redisOptions: { ...OF_A_SERVER, ...serverOptions(address) },
    });
  }

  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    return repaired(super.sendCommand(...args));
  }

  override duplicate(
    nodes?: Parameters<Cluster['duplicate']>[0],
    override?: Parameters<Cluster['duplicate']>[1],
  ) {
    return quietlyUnsubscribing(super.duplicate(nodes, { ...override, enableOfflineQueue: true }));
  }
}

/** Attached before any other handler, so every handler sees the repaired message. */
function repaired(answer: unknown): unknown {
  if (answer instanceof Promise) answer.catch(repairMessage);
  return answer;
}

function repairMessage(error: unknown): void {
  if (error instanceof Error) {
    error.message = error.message.replace(/^ERR (SETTINGS_KEY_NOT_FOUND|UNKNOWN_CLIENT)/, '$1');
  }
}

/** Bottleneck unsubscribes without checking the result; on a lost connection that is an unhandled rejection. */
function quietlyUnsubscribing<Client extends Redis | Cluster>(subscriber: Client): Client {
  const send = subscriber.sendCommand.bind(subscriber) as (...args: unknown[]) => unknown;
  subscriber.sendCommand = ((...args: [{ name: string }, ...unknown[]]) => {
    const answer = send(...args);
    return args[0].name === 'unsubscribe' && answer instanceof Promise ? answer.catch(() => null) : answer;
  }) as never;
  return subscriber;
}

function optionsIn(url: string): Options {
  const client = new Redis(url, { lazyConnect: true });
  client.disconnect();
  return client.options;
}
