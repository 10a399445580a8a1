import { CHANNELS } from '@carillon/core/notification/channel';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { ProblemError } from '@carillon/core/text/problem';
import { ROUTING_SETTINGS } from '@carillon/providers/accounts/routing-settings';
import { PROVIDER_IDS } from '@carillon/providers/providers';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import { z } from '@hono/zod-openapi';
import type { Caller } from '../../deps.ts';

/** Whether this is a valid account name. */
export function isAccountId(text: string): boolean {
  return ACCOUNT_ID.test(text);
}

export const accountParams = z.object({
  account: z
    .string()
    .regex(ACCOUNT_ID, 'must be 1 to 63 of a-z, 0-9, - and _')
    .describe(
      'The id of the provider account: `resend`, `twilio-eu`. It stands in attempts, metrics and receipt URLs.',
    ),
});

const placing = {
  environments: z
    .array(z.enum(ENVIRONMENTS))
    .min(1)
    .describe('`test` keys must reach only the simulator: never give a real account that environment.'),
  enabled: z.boolean(),
  order: ROUTING_SETTINGS.order.describe('Lower is tried first.'),
  weight: ROUTING_SETTINGS.weight.describe('Accounts of the same order share their traffic by weight.'),
  rate_per_second: ROUTING_SETTINGS.ratePerSecond
    .nullable()
    .describe('Messages per second over all workers; null is no limit.'),
  prefixes: z.array(z.string()).describe('SMS: only numbers that begin so (`+234`); empty is all.'),
};

/** The fields that may change without touching credentials. */
export const patchAccountSchema = z.strictObject(placing).partial().openapi('PatchProviderAccountRequest');

/** The fields of each provider are in docs/providers.md, here in snake_case; they are checked by the same table. */
export const putAccountSchema = z
  .looseObject({
    provider: z.string().describe(`${PROVIDER_IDS.map((id) => `\`${id}\``).join(', ')}.`),
    enabled: z.boolean().optional(),
    credentials: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'Sealed at rest and never shown again. Left out, those that are there stay, unless the account now leads to another server or port, or SMTP no longer needs TLS: then give them again.',
      ),
    receipts: z
      .strictObject({
        secrets: z.array(z.string()).min(1).max(2).optional(),
        topic_arn: z.string().optional(),
      })
      .optional()
      .describe('What its receipts are checked against; two secrets while one rotates.'),
    dkim: z
      .strictObject({
        domain_name: z.string(),
        key_selector: z.string(),
        private_key: z.string().describe('PEM of an RSA key.'),
      })
      .optional()
      .describe('SMTP: signs what goes out. Sealed with the credentials and never shown again.'),
  })
  .openapi('PutProviderAccountRequest');

export const accountSchema = z
  .object({
    id: z.string(),
    provider: z.string(),
    channel: z.enum(CHANNELS),
    ...placing,
    settings: z.record(z.string(), z.unknown()),
    credentials: z
      .object({ fingerprint: z.string(), key_id: z.string().describe('The key they are sealed with.') })
      .nullable()
      .describe('Never the credentials themselves: the fingerprint tells whether two are the same.'),
    managed_by: z
      .enum(['file', 'api'])
      .describe('`file`: from PROVIDERS_FILE, which wins when a worker starts.'),
    receipts_url: z.string().nullable().describe('Give this address to the provider as its webhook.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('ProviderAccount');

/** @throws ProblemError 403 for a test key: an account carries live traffic, which a test key must never affect. */
export function assertLive({ keyId, environment, staff }: Caller): void {
  if (environment === 'live' || staff) return;
  throw new ProblemError(
    'wrong_environment',
    `The API key ${keyId} is a test key. Provider accounts belong to the whole installation; use a live key.`,
  );
}
