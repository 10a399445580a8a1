import { randomUUID } from 'node:crypto';
import { groupCommit } from '@carillon/core/group-commit';
import { type Lane, partsOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import {
  type ClaimedRow,
  claimNotifications,
  explainRefusals,
  type Refusal,
} from '@carillon/db/queries/claim-notifications';
import type { Sql } from 'postgres';
import type { Delivery, Steps } from './steps.ts';

/**
 * How long a claim holds. It must outlast permit wait and send timeout; a dead worker's claims are doubts after it,
 * so one-time passwords get a shorter one.
 */
export const LEASE_MS: Readonly<Record<Priority, number>> = {
  critical: 15_000,
  normal: 30_000,
  bulk: 30_000,
};

export interface ClaimOptions {
  sql: Sql;
  lane: Lane;
  /** The account most likely to be called next in this lane: named in the attempt row before the call. */
  expectedProvider(): string;
}

/** The claim step of one lane: calls made together share one statement. */
export function createClaim({ sql, lane, expectedProvider }: ClaimOptions): Steps['claim'] {
  const { channel, priority } = partsOf(lane);

  const claimGroup = async (asked: string[]) => {
    const ids = [...new Set(asked)];
    const leaseToken = randomUUID();
    const provider = expectedProvider();
    const leaseMs = LEASE_MS[priority];
    const leaseEndsAt = performance.now() + leaseMs;
    const rows = await claimNotifications(sql, ids, { channel, provider, leaseToken, leaseMs });
    const claimed = new Map<string, ClaimedRow>(rows.map((row) => [row.id, row]));
    const refused = ids.filter((id) => !claimed.has(id));
    const refusals = new Map<string, Refusal>(
      refused.length > 0 ? (await explainRefusals(sql, refused)).map((row) => [row.id, row]) : [],
    );
    return asked.map((id) => {
      const row = claimed.get(id);
      // An id asked for twice in one group (a job and its repetition) is claimed by the first.
      claimed.delete(id);
      return row
        ? { ok: true as const, claimed: { ...row, leaseToken, leaseEndsAt, expectedProvider: provider } }
        : { ok: false as const, delivery: whyNot(refusals.get(id), channel) };
    });
  };

  return groupCommit(claimGroup, { maxGroup: 250, maxInFlight: 1 });
}

/** What a refused claim means for the job: gone on elsewhere, not yet, or stuck where a person should see it. */
function whyNot(refusal: Refusal | undefined, channel: string): Delivery {
  if (!refusal) return { now: 'settled', state: 'unknown' };
  const { state, next_attempt_at, lease_until } = refusal;
  if (refusal.channel !== channel) return { now: 'settled', state };
  switch (state) {
    case 'failed':
    case 'dead':
    case 'in_doubt':
      return { now: 'stuck', reason: `${state}: ${refusal.error ?? 'see the timeline'}` };
    case 'sending':
      // Another worker is on it, or died on it: look again when its lease has ended and rescue has spoken.
      return { now: 'waiting', at: (lease_until?.getTime() ?? Date.now()) + RESCUE_GRACE_MS };
    case 'scheduled':
    case 'retrying':
      return { now: 'waiting', at: next_attempt_at?.getTime() ?? Date.now() };
    case 'pending':
    case 'queued':
      // It became claimable between the two statements.
      return { now: 'waiting', at: Date.now() + 100 };
    default:
      return { now: 'settled', state };
  }
}

/** Rescue looks every few seconds; before it has spoken a second look would only find the same. */
const RESCUE_GRACE_MS = 6000;
