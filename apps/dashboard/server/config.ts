import { dashboardUrl } from '@carillon/core/access/dashboard-url';
import { metricsToken } from '@carillon/core/access/metrics-token';
import { encryptionKeys, environment, parseConfig, url, wholeNumber } from '@carillon/core/program/config';
import { databaseAddress, databaseSettings } from '@carillon/core/program/database-settings';
import { errorSettings } from '@carillon/core/program/error-settings';
import { logSettings } from '@carillon/core/program/log-settings';
import { productionAllows } from '@carillon/core/program/production-rules';
import { redisUrl } from '@carillon/core/program/redis-address';
import { traceSettings } from '@carillon/core/program/trace-settings';
import { trustedProxies } from '@carillon/providers/http/client-address';
import { z } from 'zod';

/** The environment variables of the dashboard process. `.env.example` repeats this list; a test compares the two. */
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
    REDIS_URL: redisUrl().describe('Redis, for example redis://host:6379; it must run with noeviction.'),
    ENCRYPTION_KEYS: encryptionKeys(),
    API_URL: url('http', 'https')
      .default('http://127.0.0.1:3400')
      .describe('where this process reaches the API; the pages speak to it through the dashboard.'),
    DASHBOARD_URL: dashboardUrl(),
    DASHBOARD_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('address the dashboard listens on; 0.0.0.0 for all interfaces.'),
    DASHBOARD_PORT: wholeNumber(0, 65_535)
      .prefault('3001')
      .describe('port the dashboard listens on; 0 takes a free one.'),
    OIDC_DISCOVERY_URL: url('https', 'http')
      .optional()
      .describe(
        'of an OpenID provider by which staff may sign in, ending in /.well-known/openid-configuration.',
      ),
    OIDC_CLIENT_ID: z.string().optional().describe('of this dashboard at the OpenID provider.'),
    OIDC_CLIENT_SECRET: z.string().optional().describe('of this dashboard at the OpenID provider.'),
    METRICS_TOKEN: metricsToken(),
    ...errorSettings(),
    TRUSTED_PROXIES: trustedProxies(),
    SESSION_HOURS: wholeNumber(1, 720)
      .prefault('12')
      .describe('hours after which a dashboard login ends in any case; an idle one ends after one hour.'),
    ...traceSettings(),
  })
  .refine((config) => config.NODE_ENV !== 'production' || config.DASHBOARD_URL !== undefined, {
    path: ['DASHBOARD_URL'],
    error:
      'must be set in production: requests of other origins are refused by it, and links of invitations lead to it',
    when: () => true,
  });

export type DashboardConfig = Readonly<z.output<typeof configSchema>>;

/** @throws ConfigError naming every problem at once. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = environment(),
): DashboardConfig {
  const config = parseConfig(configSchema, env);
  databaseAddress(config);
  return config;
}
