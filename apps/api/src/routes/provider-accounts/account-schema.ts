import { CHANNELS } from '@carillon/core/channel';
import { ENVIRONMENTS } from '@carillon/core/environment';
import { type FieldError, ProblemError } from '@carillon/core/problem';
import type { ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { AccountSettings } from '@carillon/providers/account-settings';
import { RECEIPT_READERS } from '@carillon/providers/receipts/readers';
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
  order: z.int().min(0).max(1000).describe('Lower is tried first.'),
  weight: z.int().min(1).max(1000).describe('Accounts of the same order share their traffic by weight.'),
  rate_per_second: z
    .number()
    .gt(0)
    .max(100_000)
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
      .describe('Sealed at rest and never shown again. Left out, those that are there stay.'),
    receipts: z
      .strictObject({
        secrets: z.array(z.string()).min(1).max(2).optional(),
        topic_arn: z.string().optional(),
      })
      .optional()
      .describe('What its receipts are checked against; two secrets while one rotates.'),
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
    settings: renamed(row.settings, snake),
    credentials: row.fingerprint === null ? null : { fingerprint: row.fingerprint, key_id: row.keyId! },
    managed_by: row.managedBy,
    receipts_url: row.provider in RECEIPT_READERS ? `${baseUrl}/v1/receipts/${row.provider}/${row.id}` : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * A request's words as the settings that PROVIDERS_FILE would have: one table checks both.
 *
 * @param kept the secrets that are there already, used where the request says nothing of them.
 * @throws ProblemError 422 naming each field, never a value of a credential.
 */
export function settingsFrom(body: Record<string, unknown>, kept: Kept = {}): AccountSettings {
  if ('ca_file' in body)
    throw invalid([
      { path: 'ca_file', message: 'names a file of the worker: only PROVIDERS_FILE may do that' },
    ]);
  const { credentials, receipts, rate_per_second, prefixes, ...rest } = body;
  const parsed = AccountSettings.safeParse({
    ...renamed(rest, camel),
    ...kept,
    // Google hands out its key file in snake_case, and that is how it is kept.
    ...(credentials === undefined
      ? {}
      : { credentials: body.provider === 'fcm' ? credentials : renamed(credentials as object, camel) }),
    ...(receipts === undefined ? {} : { receipts: renamed(receipts as object, camel) }),
    ...(rate_per_second === null || rate_per_second === undefined ? {} : { ratePerSecond: rate_per_second }),
    ...(Array.isArray(prefixes) && prefixes.length === 0 ? {} : { prefixes }),
  });
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map(({ path, message }) => ({
      path: path.map((step) => snake(String(step))).join('.'),
      message,
    })),
  );
}

/** What is sealed of an account, in the words of its settings. */
export interface Kept {
  credentials?: unknown;
  receipts?: unknown;
}

function invalid(errors: FieldError[]): ProblemError {
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new ProblemError('invalid_request', `The account cannot be used as it is: ${detail}.`, { errors });
}

const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const renamed = (fields: object, rename: (key: string) => string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [rename(key), value]));

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
