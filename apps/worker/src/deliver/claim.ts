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

type Request = { id: string; byHand: boolean };

/** The claim step of one lane: calls made together share one statement. */
export function createClaim({ sql, lane, expectedProvider }: ClaimOptions): Steps['claim'] {
  const { channel, priority } = partsOf(lane);

  const claimGroup = async (requests: Request[]): ReturnType<typeof claimAll> =>
    claimAll(unique(requests), requests);

  const claimAll = async (wanted: Request[], requests: Request[]) => {
    const leaseToken = randomUUID();
    const provider = expectedProvider();
    const rows = await claimNotifications(
      sql,
      wanted.map((each) => ({ ...each, channel, provider, leaseToken, leaseMs: LEASE_MS[priority] })),
    );
    const claimed = new Map<string, ClaimedRow>(rows.map((row) => [row.id, row]));
    const refused = requests.filter(({ id }) => !claimed.has(id)).map(({ id }) => id);
    const refusals = new Map<string, Refusal>(
      refused.length > 0 ? (await explainRefusals(sql, refused)).map((row) => [row.id, row]) : [],
    );
    const taken = new Set<string>();
    return requests.map(({ id }) => {
      const row = claimed.get(id);
      if (row && !taken.has(id)) {
        taken.add(id);
        return { ok: true as const, claimed: { ...row, leaseToken, expectedProvider: provider } };
      }
      return { ok: false as const, delivery: whyNot(refusals.get(id), channel) };
    });
  };

  const claim = groupCommit(claimGroup, { maxGroup: 250, maxInFlight: 2 });
  return (id, byHand) => claim({ id, byHand });
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

const RESCUE_GRACE_MS = 6000;

/** The same id twice in one group (a job and its repetition) is one claim. */
function unique(requests: Request[]): Request[] {
  return [...new Map(requests.map((request) => [request.id, request])).values()];
}
