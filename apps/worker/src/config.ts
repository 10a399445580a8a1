import { encryptionKeys, flag, parseConfig, url, wholeNumber } from '@carillon/core/config';
import { PRIORITIES, type Priority } from '@carillon/core/priority';
import { z } from 'zod';

/** Everything a worker process can be told from outside. `.env.example` repeats this list; a test compares the two. */
export const configSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('development, test or production. production refuses weak settings at boot.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('the least urgent log lines to write: debug, info, warn or error.'),
  NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and -')
    .default('cln')
    .describe('prefix of every Redis key, so that several installations can share one Redis.'),
  DATABASE_URL: url('postgres', 'postgresql').describe(
    'PostgreSQL, for example postgres://user:password@host:5432/db.',
  ),
  REDIS_URL: url('redis', 'rediss').describe('Redis (noeviction), for example redis://host:6379.'),
  WORKER_HOST: z.string().default('127.0.0.1').describe('address of the health and metrics server.'),
  WORKER_PORT: wholeNumber(0, 65_535)
    .prefault('3005')
    .describe('port of /healthz and /metrics; 0 takes a free one.'),
  WORKER_PRIORITIES: z
    .string()
    .default(PRIORITIES.join(','))
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(
      z
        .array(z.enum(PRIORITIES, { error: `must be a comma-separated list of ${PRIORITIES.join(', ')}` }))
        .min(1),
    )
    .describe(
      'whose relay loops and lanes this process runs. critical is best alone in a process of its own.',
    ),
  WORKER_DATABASE_CONNECTIONS: wholeNumber(2, 100)
    .prefault('8')
    .describe('PostgreSQL connections of one worker process (plus one that listens for wake-ups).'),
  WORKER_MAINTENANCE: flag()
    .prefault('true')
    .describe(
      'whether this process runs the maintenance services (rescue, promote, epoch ...); safe on every process.',
    ),
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
      'path of a JSON file with provider accounts (docs/providers.md), written into PostgreSQL at every start; without it, those there are used.',
    ),
  SEND_TIMEOUT_MS: wholeNumber(100, 120_000)
    .prefault('10000')
    .describe('milliseconds one provider call may take; after that its outcome is in doubt.'),
});

export type WorkerConfig = Readonly<z.output<typeof configSchema>> & {
  readonly WORKER_PRIORITIES: readonly Priority[];
};

/** @throws ConfigError naming every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): WorkerConfig {
  return parseConfig(configSchema, env);
}
