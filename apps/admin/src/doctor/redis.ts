import { Redis } from 'ioredis';
import { clockFinding } from './clock.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const LEAST = [6, 2] as const;
const TIMEOUT_MS = 5_000;

/** Redis: version, eviction, persistence, writes, clock. Never throws: a Redis that does not answer is a finding. */
export async function checkRedis(url: string | undefined): Promise<Finding[]> {
  if (url === undefined || url === '')
    return [
      error(
        'redis',
        'REDIS_URL is not set: workers and the dashboard do not start without it',
        'Set REDIS_URL=redis://:password@host:6379.',
      ),
    ];
  const redis = new Redis(url, {
    connectionName: 'carillon-admin',
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason = '';
  redis.on('error', (thrown: Error) => {
    reason = thrown.message;
  });
  try {
    await redis.connect();
    return await look(redis);
  } catch (thrown) {
    return [
      error(
        'redis',
        `it does not answer at ${whereOf(url)}: ${reason || (thrown as Error).message}`,
        'Look at REDIS_URL, at the password in it, and whether the server is reached from this machine.',
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

async function look(redis: Redis): Promise<Finding[]> {
  const info = await redis.info();
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const sentAt = Date.now();
  const [seconds, microseconds] = await redis.time();
  const clock = clockFinding(
    'redis clock',
    Number(seconds) * 1000 + Number(microseconds) / 1000,
    sentAt,
    Date.now(),
  );
  return [versionFinding(field('redis_version')), ...stateFindings(field), clock];
}

function versionFinding(version: string | undefined): Finding {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isSupported = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
  return isSupported
    ? ok('redis version', `${version} is supported (${LEAST.join('.')} or newer)`)
    : error(
        'redis version',
        `${version ?? 'unknown'} is older than ${LEAST.join('.')}`,
        `Upgrade the server to Redis ${LEAST.join('.')} or newer.`,
      );
}

function stateFindings(field: (name: string) => string | undefined): Finding[] {
  const policy = field('maxmemory_policy');
  const isAppending = field('aof_enabled') === '1';
  const role = field('role');
  return [
    policy === 'noeviction'
      ? ok('redis maxmemory-policy', 'is noeviction')
      : error(
          'redis maxmemory-policy',
          `is ${policy ?? 'unknown'}: a lane whose keys are evicted loses work, and workers refuse to start`,
          'Set "maxmemory-policy noeviction", or give Carillon a Redis of its own.',
        ),
    isAppending
      ? ok('redis persistence', 'the append-only file is on')
      : warning(
          'redis persistence',
          'the append-only file is off: after a restart the lanes are rebuilt from PostgreSQL, which takes time',
          'Set "appendonly yes".',
        ),
    role === 'master'
      ? ok('redis writes', 'it takes writes')
      : error(
          'redis writes',
          `it is a ${role ?? 'server of unknown role'} and takes no writes`,
          'Let REDIS_URL lead to the primary.',
        ),
  ];
}

const whereOf = (url: string): string => {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || 6379}`;
};
