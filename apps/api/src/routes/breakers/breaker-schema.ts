import { CHANNELS } from '@carillon/core/notification/channel';
import { BREAKER_STATES } from '@carillon/core/provider/breaker';
import { ProblemError } from '@carillon/core/text/problem';
import type { BreakerRow } from '@carillon/db/breakers/breakers';
import { z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Caller } from '../../deps.ts';

export const accountParams = z.object({
  account: singleLine(255).describe('The id of a provider account: `resend`, `twilio-eu`.'),
});

export const reason = () => singleLine(500).describe('For people: why. Kept in the audit log.');

export const breakerSchema = z
  .object({
    account: z.string().describe('The provider account.'),
    channel: z.enum(CHANNELS),
    state: z
      .enum(BREAKER_STATES)
      .describe('`closed` lets calls through, `open` none, `half_open` a few on trial.'),
    held_by: z
      .string()
      .nullable()
      .describe('`key:<key id>` or `staff:<e-mail>` while a person holds it; null while it moves by itself.'),
    reason: z.string().nullable(),
    changed_at: z.iso.datetime(),
    probe_at: z.iso.datetime().nullable().describe('When an open one that nobody holds is probed next.'),
  })
  .openapi('Breaker');

export function viewBreaker(row: BreakerRow): z.input<typeof breakerSchema> {
  return {
    account: row.account,
    channel: row.channel,
    state: row.state,
    held_by: row.heldBy,
    reason: row.reason,
    changed_at: row.changedAt.toISOString(),
    probe_at: row.probeAt?.toISOString() ?? null,
  };
}

/** @throws ProblemError 403 for a test key: a breaker also stops live traffic, which a test key must never affect. */
export function assertLive({ keyId, environment, staff }: Caller): void {
  if (environment === 'live' || staff) return;
  throw new ProblemError(
    'wrong_environment',
    `The API key ${keyId} is a test key. A breaker belongs to the whole installation and stops live traffic; use a live key.`,
  );
}
