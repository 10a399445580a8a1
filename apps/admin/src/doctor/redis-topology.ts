import type { RedisSentinels } from '@carillon/core/program/redis-address';
import { fieldOf } from '@carillon/queue/redis-servers';
import { Redis } from 'ioredis';
import { error, type Finding, ok, warning } from './finding.ts';

const SLOTS = 16_384;
const TIMEOUT_MS = 3_000;

/** Whether every slot of a cluster has a master, and every master a replica. https://redis.io/docs/latest/commands/cluster-info/ */
export async function clusterFindings(masters: readonly Redis[]): Promise<Finding[]> {
  const [first] = masters;
  if (first === undefined) return [];
  const info = String(await first.cluster('INFO'));
  const served = Number(fieldOf(info, 'cluster_slots_ok') ?? 0);
  const state = fieldOf(info, 'cluster_state');
  const alone: string[] = [];
  for (const master of masters) {
    const { host, port } = master.options;
    if (fieldOf(await master.info('replication'), 'connected_slaves') === '0') alone.push(`${host}:${port}`);
  }
  return [
    state === 'ok' && served === SLOTS
      ? ok('redis cluster', `all ${SLOTS} slots are served, by ${masters.length} masters`)
      : error(
          'redis cluster',
          `its state is ${state ?? 'unknown'}, and ${SLOTS - served} of ${SLOTS} slots are not served: lanes in them do not move`,
          'Start the master that is missing, or let its replica take over; look at CLUSTER INFO and CLUSTER SHARDS.',
        ),
    alone.length === 0
      ? ok('redis replicas', 'every master has one')
      : warning(
          'redis replicas',
          `${alone.join(', ')} has none: while it is away its lanes wait`,
          'Add a replica to each master.',
        ),
  ];
}

/** Whether the Sentinels answer and know the master. https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
export async function checkSentinels(address: RedisSentinels): Promise<Finding[]> {
  const answers = await Promise.all(address.hosts.map((host) => askSentinel(address, host)));
  const silent = answers.flatMap((answer, n) => (answer.kind === 'silent' ? [nameOf(address, n)] : []));
  const ignorant = answers.flatMap((answer, n) => (answer.kind === 'ignorant' ? [nameOf(address, n)] : []));
  const knowing = answers.flatMap((answer) => (answer.kind === 'knows' ? [answer.master] : []));
  if (ignorant.length > 0)
    return [
      error(
        'redis sentinels',
        `${ignorant.join(', ')} knows no master "${address.master}"`,
        'Correct the name at the end of REDIS_URL, or have the Sentinels monitor it.',
      ),
    ];
  if (knowing.length === 0)
    return [
      error(
        'redis sentinels',
        `none answers: ${silent.join(', ')}`,
        'Look at REDIS_URL, and whether the Sentinels are reached from this machine.',
      ),
    ];
  if (silent.length > 0)
    return [
      warning(
        'redis sentinels',
        `${silent.join(', ')} does not answer`,
        'Start it: a failover needs a majority of the Sentinels.',
      ),
    ];
  return [
    new Set(knowing).size === 1
      ? ok('redis sentinels', `all ${knowing.length} name the same master`)
      : warning(
          'redis sentinels',
          `they name different masters: ${knowing.join(', ')}`,
          'Wait for the end of the failover; if it stays, look at SENTINEL MASTER of each.',
        ),
  ];
}

type SentinelAnswer = { kind: 'silent' } | { kind: 'ignorant' } | { kind: 'knows'; master: string };

async function askSentinel(
  { master, tls, sentinelUser, sentinelPassword }: RedisSentinels,
  { host, port }: RedisSentinels['hosts'][number],
): Promise<SentinelAnswer> {
  const sentinel = new Redis({
    host,
    port,
    ...(sentinelUser === undefined ? {} : { username: sentinelUser }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    ...(tls ? { tls: {} } : {}),
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  sentinel.on('error', () => {});
  try {
    const found = (await sentinel.call('sentinel', 'get-master-addr-by-name', master)) as string[] | null;
    return found === null ? { kind: 'ignorant' } : { kind: 'knows', master: found.join(':') };
  } catch {
    return { kind: 'silent' };
  } finally {
    sentinel.disconnect();
  }
}

function nameOf({ hosts }: RedisSentinels, n: number): string {
  const { host, port } = hosts[n]!;
  return `${host}:${port}`;
}
