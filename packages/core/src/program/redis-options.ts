import type { RedisCluster, RedisSentinels } from './redis-address.ts';

/**
 * What ioredis, which is opened in two packages, needs to reach an address. No client is opened here.
 * https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html
 */

/** For each connection to a server that is not named by a URL of its own. */
export function serverOptions({ user, password, tls }: RedisCluster | RedisSentinels): {
  username?: string;
  password?: string;
  tls?: Record<never, never>;
} {
  return {
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
}

/** For a connection that Sentinels lead to the master. A connection that ends is opened to the one that they name then. */
export function sentinelOptions(address: RedisSentinels) {
  const { hosts, master, database, tls, sentinelUser, sentinelPassword } = address;
  return {
    ...serverOptions(address),
    sentinels: [...hosts],
    name: master,
    db: database,
    sentinelRetryStrategy: reconnectInMs,
    ...(sentinelUser === undefined ? {} : { sentinelUsername: sentinelUser }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  };
}

/** For the client of a cluster, beside the options of its nodes. */
export function clusterOptions({ tls }: RedisCluster) {
  return {
    clusterRetryStrategy: reconnectInMs,
    // The certificate of a node is for its name, which ioredis would replace by an address.
    ...(tls ? { dnsLookup: asItIs } : {}),
  };
}

function asItIs(host: string, found: (error: null, address: string) => void): void {
  found(null, host);
}

/** @param tries how often connecting has failed, from 1. */
export function reconnectInMs(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 6), 2000);
}
