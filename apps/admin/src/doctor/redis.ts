import { setTimeout as pause } from 'node:timers/promises';
import { parseRedisAddress, type RedisAddress, whereIs } from '@carillon/core/program/redis-address';
import { producerConnection } from '@carillon/queue/connection';
import { fieldOf, serversOf } from '@carillon/queue/redis-servers';
import type { Redis } from 'ioredis';
import { clockFinding } from './clock.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { checkSentinels, clusterFindings } from './redis-topology.ts';

const LEAST = [6, 2] as const;
const TIMEOUT_MS = 5_000;

/**
 * Redis: version, eviction, persistence, writes, clock, of each master; and the cluster or the Sentinels. Never throws: a
 * Redis that does not answer is a finding.
 */
export async function checkRedis(url: string | undefined): Promise<Finding[]> {
  if (url === undefined || url === '')
    return [
      error(
        'redis',
        'REDIS_URL is not set: workers and the dashboard do not start without it',
        'Set REDIS_URL=redis://:password@host:6379.',
      ),
    ];
  const address = parseRedisAddress(url);
  // The settings are judged by their own check.
  if ('problem' in address) return [error('redis', `REDIS_URL ${address.problem}`, 'Correct REDIS_URL.')];
  const ofSentinels = address.kind === 'sentinel' ? await checkSentinels(address) : [];
  return [...ofSentinels, ...(await checkServers(url, address))];
}

async function checkServers(url: string, address: RedisAddress): Promise<Finding[]> {
  const redis = producerConnection(url, 'carillon-admin');
  let reason = 'no answer in time';
  redis.on('error', (thrown: Error & { lastNodeError?: Error }) => {
    reason = (thrown.lastNodeError ?? thrown).message;
  });
  try {
    const isReady = new Promise<boolean>((resolve) => redis.once('ready', () => resolve(true)));
    if (!(await Promise.race([isReady, pause(TIMEOUT_MS, false, { ref: false })]))) throw new Error(reason);
    const servers = serversOf(redis);
    const each = await Promise.all(servers.map(look));
    return [
      ...each[0]!.map((_, k) =>
        worstOf(
          each.map((findings) => findings[k]!),
          servers,
        ),
      ),
      ...(address.kind === 'cluster' ? await clusterFindings(servers) : []),
    ];
  } catch (thrown) {
    return [
      error(
        'redis',
        `it does not answer at ${whereIs(address).replace(/^.*:\/\//, '')}: ${(thrown as Error).message}`,
        'Look at REDIS_URL, at the password in it, and whether the server is reached from this machine.',
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

const LEVELS = ['ok', 'warning', 'error'] as const;

/** Of one check on several masters: what is wrong on one of them, by its name. */
function worstOf(findings: readonly Finding[], servers: readonly Redis[]): Finding {
  const worst = findings.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))[0]!;
  if (findings.length === 1) return worst;
  const { host, port } = servers[findings.indexOf(worst)]!.options;
  const where = worst.level === 'ok' ? `on all ${findings.length} masters` : `on ${host}:${port}`;
  return { ...worst, message: `${where}: ${worst.message}` };
}

/** The same checks in the same order for each server. */
async function look(redis: Redis): Promise<Finding[]> {
  const info = await redis.info();
  const field = (name: string): string | undefined => fieldOf(info, name);
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
