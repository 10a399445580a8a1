import { dashboardUrl } from '@carillon/core/access/dashboard-url';
import { metricsToken } from '@carillon/core/access/metrics-token';
import {
  encryptionKeys,
  environment,
  flag,
  parseConfig,
  url,
  wholeNumber,
} from '@carillon/core/program/config';
import { databaseAddress, databaseSettings } from '@carillon/core/program/database-settings';
import { errorSettings } from '@carillon/core/program/error-settings';
import { logSettings } from '@carillon/core/program/log-settings';
import { productionAllows } from '@carillon/core/program/production-rules';
import { redisUrl } from '@carillon/core/program/redis-address';
import { replicaAddress, replicaSettings } from '@carillon/core/program/replica-settings';
import { traceSettings } from '@carillon/core/program/trace-settings';
import { trustedProxies } from '@carillon/providers/http/client-address';
import { z } from 'zod';

/** The environment variables of the API process. `.env.example` repeats this list; a test compares the two. */
export const configSchema = z
  .object({
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
    ...replicaSettings(),
    REDIS_URL: redisUrl()
      .optional()
      .describe(
        'Redis, for example redis://host:6379. The API needs it only to share rate limits between processes and to show the lanes.',
      ),
    API_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('address the API listens on; 0.0.0.0 for all interfaces.'),
    API_PORT: wholeNumber(0, 65_535)
      .prefault('3400')
      .describe('port the API listens on; 0 takes a free one.'),
    API_DATABASE_CONNECTIONS: wholeNumber(1, 100)
      .prefault('8')
      .describe(
        'PostgreSQL connections of one API process (plus at most 4 that store what is accepted, 4 for ordinary queries and 2 for imports and counts).',
      ),
    API_DRAIN_SECONDS: wholeNumber(0, 300)
      .prefault('0')
      .describe('seconds between "not ready" and closing the port on SIGTERM; load balancers need a few.'),
    PUBLIC_BASE_URL: url('http', 'https')
      .optional()
      .describe(
        'where clients reach the API, for links in answers and the API description; else the listening address.',
      ),
    DASHBOARD_URL: dashboardUrl(),
    RATE_LIMIT_PER_SECOND: wholeNumber(1, 10_000_000)
      .prefault('10000')
      .describe(
        'requests per second of one API key over all API processes, unless the key has its own limit.',
      ),
    STRANGER_RATE_PER_SECOND: wholeNumber(1, 1_000_000)
      .prefault('1000')
      .describe(
        'requests per second of one network address without an API key (links in messages, documentation), and a tenth as many look-ups of unknown keys, in each API process.',
      ),
    WEBHOOKS_ALLOW_PRIVATE: flag()
      .prefault('false')
      .describe(
        'whether what customers point at (event endpoints, attachments) may lie in private networks and speak plain http.',
      ),
    ENCRYPTION_KEYS: encryptionKeys(),
    METRICS_TOKEN: metricsToken(),
    ...errorSettings(),
    TRUSTED_PROXIES: trustedProxies(),
    ...traceSettings(),
  })
  .refine((config) => config.NODE_ENV !== 'production' || config.PUBLIC_BASE_URL !== undefined, {
    path: ['PUBLIC_BASE_URL'],
    error: 'must be set in production, or links in answers point nowhere',
    // Also when there are other problems: all are reported together.
    when: () => true,
  });

export type ApiConfig = Readonly<z.output<typeof configSchema>>;

/** @throws ConfigError naming every problem at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = environment()): ApiConfig {
  const config = parseConfig(configSchema, env);
  databaseAddress(config);
  replicaAddress(config);
  return config;
}
