import { CHANNELS } from '@carillon/core/channel';
import { ENVIRONMENTS } from '@carillon/core/environment';
import { ProblemError } from '@carillon/core/problem';
import type { ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import type { AccountSettings } from '@carillon/providers/account-settings';
import { type Kept, settingsFromWords, settingsInWords, type Words } from '@carillon/providers/account-words';
import { PLACING } from '@carillon/providers/placing';
import { receiptsPath } from '@carillon/providers/receipts/receipts-path';
import { z } from '@hono/zod-openapi';
import type { Caller } from '../../deps.ts';

export const accountParams = z.object({
  account: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and _')
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
  order: PLACING.order.describe('Lower is tried first.'),
  weight: PLACING.weight.describe('Accounts of the same order share their traffic by weight.'),
  rate_per_second: PLACING.ratePerSecond
    .nullable()
    .describe('Messages per second over all workers; null is no limit.'),
  prefixes: z.array(z.string()).describe('SMS: only numbers that begin so (`+234`); empty is all.'),
};

/** What may be changed without touching credentials. */
export const patchAccountSchema = z.strictObject(placing).partial().openapi('PatchProviderAccountRequest');

/** The fields of each provider are in docs/providers.md, here in snake_case; they are checked by the same table. */
export const putAccountSchema = z
  .looseObject({
    provider: z
      .string()
      .describe(
        '`resend`, `sendgrid`, `ses`, `smtp`, `twilio`, `termii`, `fcm`, `apns`, `web-push`, `generic`, `inbox`.',
      ),
    enabled: z.boolean().optional(),
    credentials: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'Sealed at rest and never shown again. Left out, those that are there stay, unless the account now leads to another server.',
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

export function viewAccount(row: ProviderAccountRow, baseUrl: string): z.input<typeof accountSchema> {
  const receipts = receiptsPath(row);
  return {
    id: row.id,
    provider: row.provider,
    channel: row.channel,
    environments: row.environments,
    enabled: row.enabled,
    order: row.position,
    weight: row.weight,
    rate_per_second: row.ratePerSecond,
    prefixes: row.prefixes,
    settings: settingsInWords(row.settings),
    credentials: row.fingerprint === null ? null : { fingerprint: row.fingerprint, key_id: row.keyId! },
    managed_by: row.managedBy,
    receipts_url: receipts === null ? null : `${baseUrl}${receipts}`,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * @param kept the secrets that are there already, used where the request says nothing of them.
 * @throws ProblemError 422 naming each field, never a value of a credential.
 */
export function settingsFrom(words: Words, kept: Kept): AccountSettings {
  const read = settingsFromWords(words, kept);
  if ('settings' in read) return read.settings;
  const detail = read.errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ProblemError('invalid_request', `The account cannot be used as it is: ${detail}.`, {
    errors: read.errors,
  });
}

/** @throws ProblemError 403 for a test key: an account carries live traffic, and a test key must never reach that. */
export function assertLive({ keyId, environment }: Caller): void {
  if (environment === 'live') return;
  throw new ProblemError(
    'wrong_environment',
    `The API key ${keyId} is a test key. Provider accounts belong to the whole installation; use a live key with the scope admin.`,
  );
}

export function noSuchAccount(account: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no provider account "${account}". GET /v1/provider-accounts lists them.`,
  );
}
