import { dashboardUrl } from '@carillon/core/access/dashboard-url';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { ConfigError, encryptionKeys, flag, parseConfig, url } from '@carillon/core/program/config';
import {
  type DatabaseAddress,
  databaseAddress,
  databaseSettings,
} from '@carillon/core/program/database-settings';
import { productionAllows } from '@carillon/core/program/production-rules';
import { z } from 'zod';

/** The environment variables of carillon-admin. `.env.example` repeats this list; a test compares the two. */
export const configSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('development, test or production. production refuses weak settings.'),
  PRODUCTION_ALLOWS: productionAllows(),
  ...databaseSettings(),
  ENCRYPTION_KEYS: encryptionKeys(),
  DASHBOARD_URL: dashboardUrl(),
  PUBLIC_BASE_URL: url('http', 'https')
    .optional()
    .describe('where providers reach the API, to show the whole address of receipts.'),
  WEBHOOKS_ALLOW_PRIVATE: flag()
    .prefault('false')
    .describe('whether accounts made by people may be verified at addresses in private networks.'),
});

export type Environment = Readonly<Record<string, string | undefined>>;

/** Access to the database is the only requirement. @throws ConfigError. */
export function readDatabase(env: Environment): DatabaseAddress {
  return databaseAddress(parseConfig(z.object(databaseSettings()), env));
}

/** For links to the dashboard, without a trailing slash. @throws ConfigError. */
export function readDashboardUrl(env: Environment): string | undefined {
  return parseConfig(configSchema.pick({ DASHBOARD_URL: true }), env).DASHBOARD_URL?.replace(/\/$/, '');
}

export interface ProviderConfig {
  ring: KeyRing;
  publicBaseUrl: string | undefined;
  allowPrivate: boolean;
}

/**
 * For commands that encrypt or decrypt credentials. The development default key is not accepted: workers cannot read
 * credentials that are encrypted with a key they do not have.
 *
 * @throws ConfigError.
 */
export function readProviderConfig(env: Environment): ProviderConfig {
  if (env.ENCRYPTION_KEYS === undefined || env.ENCRYPTION_KEYS === '')
    throw new ConfigError([
      'ENCRYPTION_KEYS is not set. It is: the same keys that the API, the workers and the dashboard have.',
    ]);
  const config = parseConfig(configSchema, env);
  return {
    ring: config.ENCRYPTION_KEYS,
    publicBaseUrl: config.PUBLIC_BASE_URL?.replace(/\/$/, ''),
    allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE,
  };
}
