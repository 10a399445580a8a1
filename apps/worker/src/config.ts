import { metricsToken } from '@carillon/core/access/metrics-token';
import {
  ConfigError,
  encryptionKeys,
  environment,
  flag,
  parseConfig,
  url,
  wholeNumber,
} from '@carillon/core/program/config';
import { databaseAddress, databaseSettings, directUrlOf } from '@carillon/core/program/database-settings';
import { errorSettings } from '@carillon/core/program/error-settings';
import { logSettings } from '@carillon/core/program/log-settings';
import { productionAllows } from '@carillon/core/program/production-rules';
import { redisUrl } from '@carillon/core/program/redis-address';
import { traceSettings } from '@carillon/core/program/trace-settings';
import { z } from 'zod';
import { rolesInsteadOf, workerRoles } from './roles.ts';

/** Every setting of a worker process. `.env.example` repeats this list; a test compares the two. */
export const configSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('development, test or production. production refuses weak settings at boot.'),
  ...logSettings(),
  PRODUCTION_ALLOWS: productionAllows(),
  NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and -')
    .default('cln')
    .describe('prefix of every Redis key, so that several installations can share one Redis.'),
  ...databaseSettings(),
  REDIS_URL: redisUrl().describe('Redis (noeviction), for example redis://host:6379.'),
  WORKER_HOST: z.string().default('127.0.0.1').describe('address of the health and metrics server.'),
  WORKER_PORT: wholeNumber(0, 65_535)
    .prefault('3005')
    .describe('port of /healthz and /metrics; 0 takes a free one.'),
  METRICS_TOKEN: metricsToken(),
  ...errorSettings(),
  WORKER_ROLES: workerRoles().describe(
    'what this process does: deliver:<priority>, relay:<priority>, events, maintenance, campaigns, comma-separated. critical is best alone in a process of its own.',
  ),
  WORKER_DATABASE_CONNECTIONS: wholeNumber(2, 100)
    .prefault('8')
    .describe('PostgreSQL connections of one worker process (plus one that listens for wake-ups).'),
  WORKER_LEASE_SECONDS: wholeNumber(2, 300)
    .prefault('30')
    .describe(
      'seconds after which the sends of a dead worker are in doubt; critical ones after half of it. Live workers renew.',
    ),
  WORKER_DRAIN_SECONDS: wholeNumber(1, 300)
    .prefault('20')
    .describe('seconds a stopping worker gives its provider calls to finish before it exits.'),
  RETENTION_DAYS: wholeNumber(1, 3650)
    .prefault('30')
    .describe(
      'days for which final notifications are kept with all that belongs to them, their idempotency keys included.',
    ),
  INBOX_RETENTION_DAYS: wholeNumber(1, 3650)
    .prefault('90')
    .describe('days for which messages stay in people’s in-app inboxes.'),
  WEBHOOKS_ALLOW_PRIVATE: flag()
    .prefault('false')
    .describe(
      'whether what customers point at (event endpoints, attachments) may lie in private networks and speak plain http.',
    ),
  ENCRYPTION_KEYS: encryptionKeys(),
  PUBLIC_BASE_URL: url('http', 'https')
    .optional()
    .describe(
      'where people reach the API from outside, for unsubscribe and tracking links in e-mails; without it there are none.',
    ),
  PROVIDERS_FILE: z
    .string()
    .optional()
    .describe(
      'path of a JSON file with provider accounts (docs/provider-accounts.md), written into PostgreSQL at every start; without it, those there are used.',
    ),
  SEND_TIMEOUT_MS: wholeNumber(100, 120_000)
    .prefault('10000')
    .describe('milliseconds one provider call may take; after that its outcome is in doubt.'),
  ...traceSettings(),
});

export type WorkerConfig = Readonly<z.output<typeof configSchema>>;

/** @throws ConfigError listing every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = environment()): WorkerConfig {
  refuseReplaced(env);
  const config = parseConfig(configSchema, env);
  const address = databaseAddress(config);
  if (config.WORKER_ROLES.some((role) => role.startsWith('relay:')))
    directUrlOf(address, 'The role relay listens for wake-ups in');
  return config;
}

/** A worker that ignored them would do more than its operator intends. */
function refuseReplaced(env: Readonly<Record<string, string | undefined>>): void {
  const priorities = env.WORKER_PRIORITIES || undefined;
  const maintenance = env.WORKER_MAINTENANCE || undefined;
  const old = Object.entries({ WORKER_PRIORITIES: priorities, WORKER_MAINTENANCE: maintenance });
  const set = old.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`);
  if (set.length === 0) return;
  throw new ConfigError([
    `${set.join(' ')} is no longer read. Write WORKER_ROLES=${rolesInsteadOf(priorities, maintenance)} instead.`,
  ]);
}
