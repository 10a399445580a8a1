import { scrub } from '@carillon/core/program/scrub';
import { ACCOUNT_USES, accountFigures, accountUse } from '@carillon/core/provider/health';
import { OUTCOME_CLASSES } from '@carillon/core/provider/outcome';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import {
  type AccountHealth,
  type MeasuredCalls,
  measureCalls,
  readAccountHealth,
} from '@carillon/db/provider-accounts/read-account-health';
import { z } from '@hono/zod-openapi';
import type { ApiDeps } from '../../deps.ts';

const WINDOW_SECONDS = 300;
/** However many people look, the calls are counted this often. */
const FRESH_MS = 3_000;

export const healthSchema = z
  .object({
    use: z
      .enum(ACCOUNT_USES)
      .describe(
        '`in_use`; `on_trial`: a few calls show whether it works again; `not_used`: nothing is sent through it.',
      ),
    why: z.string().describe('For people.'),
    since: z.iso.datetime().nullable().describe('Null until a worker has used the account.'),
    held_by: z
      .string()
      .nullable()
      .describe('`key:<key id>` or `staff:<e-mail>` while a person holds it; see `openBreaker`.'),
    probe_at: z.iso.datetime().nullable().describe('When an account that failed is asked next.'),
    window_seconds: z.int().describe('What `calls`, `success_ratio`, `latency_ms` and `outcomes` are about.'),
    calls: z.int().describe('Calls that ended within the window.'),
    per_second: z.number().describe('Of the last minute.'),
    limit_used: z
      .number()
      .nullable()
      .describe(
        'The part of `rate_per_second` that the last minute used, 1 for all of it; null without a limit.',
      ),
    success_ratio: z
      .number()
      .nullable()
      .describe(
        'Of the calls that reached no limit, those that it answered as it should: an unknown mailbox is no fault of the account. Null without any.',
      ),
    latency_ms: z
      .object({ p50: z.int(), p95: z.int() })
      .nullable()
      .describe('Of the calls that were answered.'),
    outcomes: z.partialRecord(z.enum(OUTCOME_CLASSES), z.int()),
    last_error: z
      .object({
        at: z.iso.datetime(),
        outcome: z.enum(OUTCOME_CLASSES),
        code: z.string().nullable(),
        text: z.string().nullable().describe('Without addresses: an account serves several apps.'),
      })
      .nullable()
      .describe('The last call of the window that was not accepted.'),
  })
  .openapi('ProviderAccountHealth');

/** @returns a function that gives the health by account: calls are counted at most once in FRESH_MS, breakers are as now. */
export function accountHealthOf({ db }: Pick<ApiDeps, 'db'>): () => ReturnType<typeof readAccountHealth> {
  let latest: Promise<Map<string, MeasuredCalls>> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  const measured = (): Promise<Map<string, MeasuredCalls>> => {
    const now = performance.now();
    if (latest !== null && now - readAt < FRESH_MS) return latest;
    readAt = now;
    latest = measureCalls(db.sql, WINDOW_SECONDS);
    // A failure is answered and not kept.
    latest.catch(() => {
      readAt = Number.NEGATIVE_INFINITY;
    });
    return latest;
  };
  return async () => readAccountHealth(db.sql, await measured());
}

export function viewHealth(
  { enabled, ratePerSecond, updatedAt }: ProviderAccountRow,
  { calls, breaker }: AccountHealth,
): z.input<typeof healthSchema> {
  const { use, why } = accountUse(enabled, breaker);
  const figures = accountFigures(calls, ratePerSecond);
  const { lastError, p50, p95 } = calls;
  return {
    use,
    why,
    since: (enabled ? breaker?.changedAt : updatedAt)?.toISOString() ?? null,
    held_by: breaker?.heldBy ?? null,
    probe_at: breaker?.probeAt?.toISOString() ?? null,
    window_seconds: WINDOW_SECONDS,
    calls: figures.calls,
    per_second: rounded(figures.perSecond),
    limit_used: figures.limitUsed === null ? null : rounded(figures.limitUsed),
    success_ratio: figures.successRatio === null ? null : rounded(figures.successRatio),
    latency_ms: p50 === null || p95 === null ? null : { p50: Math.round(p50), p95: Math.round(p95) },
    outcomes: calls.outcomes,
    last_error:
      lastError === null
        ? null
        : {
            ...lastError,
            at: new Date(lastError.at).toISOString(),
            text: lastError.text === null ? null : scrub(lastError.text),
          },
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
