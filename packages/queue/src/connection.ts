import { ConfigError } from '@carillon/core/program/config';
import {
  parseRedisAddress,
  type RedisAddress,
  type RedisCluster,
  type RedisSentinels,
  type SingleRedis,
} from '@carillon/core/program/redis-address';
import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import {
  clusterOptions,
  reconnectInMs,
  sentinelOptions,
  serverOptions,
} from '@carillon/core/program/redis-options';
import { type Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { ClusterClient } from './cluster-client.ts';

/** A connection to one Redis (which Sentinels may name), or to the masters of a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * Connections to Redis. Workers wait for it without limit; publishers must fail at once while it is away, so that the
 * outbox keeps the row. No autopipelining: it halves a worker's rate (performance.md).
 *
 * A Redis that reports it is no longer the primary is left: the socket is closed and a new one opened, which leads to
 * the new primary. A worker's command is sent again there; a producer's fails.
 *
 * @param url in one of the forms of `REDIS_URL` (core/program/redis-address.ts).
 */
export function workerConnection(url: string, name: string): RedisClient {
  return open(
    url,
    {
      connectionName: name,
      maxRetriesPerRequest: null,
      socketTimeout: WORKER_SILENCE_MS,
      retryStrategy: reconnectInMs,
      reconnectOnError: (error) => (saysElsewhere(error) ? RECONNECT_AND_RESEND : false),
    },
    { maxRedirections: 16, retryDelayOnFailover: 200, retryDelayOnClusterDown: 200 },
  );
}

/**
 * A server that is silent for longer, while it owes an answer, is gone or hangs: the connection is opened again, and leads to
 * the one that has replaced it. A sleeping worker gets an answer after 10 s at the latest.
 */
const WORKER_SILENCE_MS = 20_000;
const PRODUCER_SILENCE_MS = 10_000;

/** ioredis' term for it. */
const RECONNECT_AND_RESEND = 2;

/** @param url as above. */
export function producerConnection(url: string, name: string): RedisClient {
  return open(
    url,
    {
      connectionName: name,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 5000,
      socketTimeout: PRODUCER_SILENCE_MS,
      retryStrategy: reconnectInMs,
      reconnectOnError: saysElsewhere,
    },
    // A slot that has moved is followed; a master that is away is not waited for.
    { maxRedirections: 3, retryDelayOnFailover: 50, retryDelayOnClusterDown: 50 },
  );
}

/**
 * A connection that only subscribes. Nothing is subscribed again by itself: what was published meanwhile is lost. The
 * nodes of a cluster pass publications on to each other, so one of them is enough, and the next one if it is away.
 *
 * @param url as above.
 */
export function subscriberConnection(url: string, name: string): Redis {
  const address = addressIn(url);
  const options: Options = {
    connectionName: name,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 5000,
    retryStrategy: reconnectInMs,
  };
  if (address.kind !== 'cluster') return listen(openOne(address, options));
  const { hosts } = address;
  let n = Math.floor(Math.random() * hosts.length);
  const redis: Redis = new Redis({
    ...options,
    ...serverOptions(address),
    ...hosts[n],
    // ioredis reads host and port from its options at each connect.
    retryStrategy: (tries: number) => {
      n = (n + 1) % hosts.length;
      Object.assign(redis.options, hosts[n]);
      return reconnectInMs(tries);
    },
  });
  return listen(redis);
}

type Options = Omit<RedisOptions, 'replyMapping'>;

function open(url: string, options: Options, ofCluster: ClusterOptions): RedisClient {
  const address = addressIn(url);
  const client =
    address.kind === 'cluster' ? openCluster(address, options, ofCluster) : openOne(address, options);
  addresses.set(client, address);
  return listen(client);
}

function openOne(address: SingleRedis | RedisSentinels, options: Options): Redis {
  if (address.kind === 'single') return new Redis(address.url, options);
  return new Redis({ ...options, ...sentinelOptions(address) });
}

/**
 * The client of a cluster follows its masters by itself. A node must not be made to connect again and send a command once
 * more: it never connects again, and the command would wait without end.
 */
function openCluster(
  address: RedisCluster,
  { enableOfflineQueue = true, retryStrategy: _, reconnectOnError: __, ...options }: Options,
  ofCluster: ClusterOptions,
): Cluster {
  return new ClusterClient([...address.hosts], {
    ...ofCluster,
    ...clusterOptions(address),
    enableOfflineQueue,
    redisOptions: { ...options, ...serverOptions(address) },
  });
}

function addressIn(url: string): RedisAddress {
  const address = parseRedisAddress(url);
  if ('problem' in address) throw new ConfigError([`REDIS_URL ${address.problem}`]);
  return address;
}

const addresses = new WeakMap<RedisClient, RedisAddress>();

/** Where a connection of this file leads; undefined for any other. */
export const addressOf = (redis: RedisClient): RedisAddress | undefined => addresses.get(redis);

// Without a listener ioredis prints every failed reconnect; readiness and metrics report it better.
function listen<Client extends RedisClient>(redis: Client): Client {
  redis.on('error', () => {});
  return redis;
}
