import { z } from 'zod';

/**
 * Where `REDIS_URL` leads: one server, the masters of a Redis Cluster, or a server that Sentinels name. The same form of
 * URL for all programs and tools:
 *
 * - `redis://[user:password@]host[:6379][/database]`
 * - `redis://[user:password@]host:6379,host:6379,host:6379` is a cluster; one host is enough with `redis+cluster://`
 * - `redis+sentinel://[user:password@]host:26379,host:26379/name-of-the-master[/database]`
 *
 * `rediss` in place of `redis` asks for TLS. User and password are those of the Redis servers; Sentinels that have their
 * own take `?sentinel_password=` and `?sentinel_user=`.
 */
export type RedisAddress = SingleRedis | RedisCluster | RedisSentinels;

export interface SingleRedis {
  kind: 'single';
  url: string;
  hosts: readonly Host[];
}

export interface RedisCluster extends Credentials {
  kind: 'cluster';
  /** Some of its nodes: they name the others. */
  hosts: readonly Host[];
}

export interface RedisSentinels extends Credentials {
  kind: 'sentinel';
  hosts: readonly Host[];
  /** The name under which the Sentinels know the master. */
  master: string;
  database: number;
  sentinelUser?: string;
  sentinelPassword?: string;
}

export interface Host {
  host: string;
  port: number;
}

interface Credentials {
  tls: boolean;
  user?: string;
  password?: string;
}

const PORTS = { redis: 6379, sentinel: 26379 } as const;
const SCHEMES =
  'redis://, rediss:// (TLS), redis+cluster://, redis+sentinel://, rediss+cluster:// or rediss+sentinel://';
const EXAMPLES = {
  cluster: 'redis://host1:6379,host2:6379,host3:6379',
  sentinel: 'redis+sentinel://host1:26379,host2:26379/mymaster',
} as const;

/** @returns the address, or what is wrong with the text, as the rest of a sentence that begins with the setting. */
export function parseRedisAddress(text: string): RedisAddress | { problem: string } {
  const scheme = /^(rediss?)(?:\+(cluster|sentinel))?:\/\//i.exec(text);
  if (!scheme) return { problem: `must be a URL that starts with ${SCHEMES}` };
  const tls = scheme[1]!.toLowerCase() === 'rediss';
  const [, authority = '', path = '', query = ''] =
    /^([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?/.exec(text.slice(scheme[0].length)) ?? [];
  const at = authority.lastIndexOf('@');
  const names = authority.slice(at + 1).split(',');
  const kind = (scheme[2]?.toLowerCase() ??
    (names.length > 1 ? 'cluster' : 'single')) as RedisAddress['kind'];
  if (/,\s*rediss?(\+\w+)?:/i.test(text))
    return {
      problem: `names a scheme twice: write it once, before the first host, as in ${EXAMPLES.cluster}`,
    };
  const hosts = names.map((name) => hostOf(name, kind === 'sentinel' ? PORTS.sentinel : PORTS.redis));
  const wrong = hosts.findIndex((host) => host === null);
  if (wrong >= 0)
    return { problem: `has "${names[wrong]}" where host:port is expected, with a port of 1 to 65535` };
  const known = hosts as Host[];
  if (kind === 'single')
    return URL.canParse(text)
      ? { kind, url: text, hosts: known }
      : { problem: `must be a URL that starts with ${SCHEMES}` };
  const credentials = { tls, ...credentialsOf(at < 0 ? '' : authority.slice(0, at)) };
  return kind === 'cluster'
    ? clusterAt(path, { kind, hosts: known, ...credentials })
    : sentinelsAt(path, query, { kind, hosts: known, ...credentials });
}

function clusterAt(path: string, cluster: RedisCluster): RedisCluster | { problem: string } {
  if (path === '' || path === '0') return cluster;
  return /^\d+$/.test(path)
    ? { problem: `asks for database ${path}: a Redis Cluster has only database 0, so leave "/${path}" out` }
    : {
        problem: `has several hosts and "/${path}": for Sentinels begin with redis+sentinel://, as in ${EXAMPLES.sentinel}; for a cluster leave "/${path}" out`,
      };
}

function sentinelsAt(
  path: string,
  query: string,
  sentinels: Omit<RedisSentinels, 'master' | 'database'>,
): RedisSentinels | { problem: string } {
  const [master = '', database = '0', ...more] = path.split('/').map(decoded);
  if (master === '')
    return { problem: `names Sentinels and no master: end it with its name, as in ${EXAMPLES.sentinel}` };
  if (more.length > 0 || !/^\d{1,4}$/.test(database))
    return { problem: `has "/${path}" where /<name of the master>/<number of the database> is expected` };
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find(
    (key) => key !== 'sentinel_user' && key !== 'sentinel_password',
  );
  if (unknown !== undefined)
    return { problem: `has the parameter "${unknown}": only sentinel_user and sentinel_password are known` };
  const [sentinelUser, sentinelPassword] = [
    parameters.get('sentinel_user'),
    parameters.get('sentinel_password'),
  ];
  return {
    ...sentinels,
    master,
    database: Number(database),
    ...(sentinelUser === null ? {} : { sentinelUser }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
  };
}

/** @returns where it leads, without user and password, for log lines and errors. */
export function whereIs(address: RedisAddress): string {
  const hosts = address.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const of = address.kind === 'sentinel' ? `/${address.master}` : '';
  return `${address.kind === 'sentinel' ? 'redis+sentinel' : 'redis'}://${hosts.join(',')}${of}`;
}

/** A setting that holds such a URL. */
export function redisUrl() {
  return z.string().superRefine((text, context) => {
    const address = parseRedisAddress(text);
    if ('problem' in address) context.addIssue({ code: 'custom', message: address.problem });
  });
}

function hostOf(text: string, defaultPort: number): Host | null {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/?#@]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) return null;
  const host = bracketed ?? plain;
  return host === undefined ? null : { host, port: number };
}

function credentialsOf(text: string): { user?: string; password?: string } {
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return {
    ...(user === '' ? {} : { user: decoded(user) }),
    ...(password === '' ? {} : { password: decoded(password) }),
  };
}

/** A malformed escape is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
