import { randomUUID } from 'node:crypto';
import { groupCommit } from '@carillon/core/group-commit';
import { type Lane, partsOf } from '@carillon/core/lane';
import type { Line } from '@carillon/db/queries/advance-order';
import {
  type Claim,
  type ClaimedRow,
  claimNotifications,
  explainRefusals,
  type Refusal,
} from '@carillon/db/queries/claim-notifications';
import type { Sql } from 'postgres';
import { type Leases, UNRENEWED } from './leases.ts';
import { lostClaims } from './lost-claims.ts';
import type { Claimed, Delivery, Steps } from './steps.ts';

export { LEASE_MS } from './leases.ts';

export interface ClaimOptions {
  sql: Sql;
  lane: Lane;
  /** Takes what is claimed in hand. */
  leases?: Pick<Leases, 'ms' | 'hold'>;
  onError?(error: unknown): void;
  /** The accounts most likely to be called next in this lane: named in the attempt rows before the calls. */
  expectedProvider(): Claim['provider'];
}

/** The claim step of one lane: calls made together share one statement. */
export function createClaim({
  sql,
  lane,
  leases = UNRENEWED,
  expectedProvider,
  onError = () => {},
}: ClaimOptions): Steps['claim'] {
  const { channel, priority } = partsOf(lane);

  const lost = lostClaims(sql, onError);

  const claimOrGiveBack = async (ids: string[], claim: Claim): Promise<ClaimedRow[]> => {
    try {
      return await claimNotifications(sql, ids, claim);
    } catch (error) {
      lost(ids, claim, error);
      throw error;
    }
  };

  /** What was claimed beside them must not suffer if their reasons cannot be read: they look again. */
  const refusalsOf = async (ids: string[]): Promise<(id: string) => Refused> => {
    if (ids.length === 0) return () => ({ delivery: whyNot(undefined, channel) });
    try {
      const rows = await explainRefusals(sql, ids);
      const refusals = new Map<string, Refusal>(rows.map((row) => [row.id, row]));
      return (id) => ({ delivery: whyNot(refusals.get(id), channel), ...lineOf(refusals.get(id)) });
    } catch (error) {
      onError(error);
      return () => ({ delivery: { now: 'waiting', at: Date.now() + UNEXPLAINED_MS } });
    }
  };

  const claimGroup = async (asked: string[]) => {
    const ids = [...new Set(asked)];
    const leaseToken = randomUUID();
    const provider = expectedProvider();
    const leaseMs = leases.ms[priority];
    const leaseEndsAt = performance.now() + leaseMs;
    const endsAtWall = Date.now() + leaseMs;
    const rows = await claimOrGiveBack(ids, { channel, provider, leaseToken, leaseMs });
    const claimed = new Map<string, Claimed>();
    for (const row of rows) {
      const ours: Claimed = { ...row, leaseToken, leaseEndsAt, expectedProvider: expectedOf(provider, row) };
      leases.hold(ours, endsAtWall);
      claimed.set(row.id, ours);
    }
    const refused = await refusalsOf(ids.filter((id) => !claimed.has(id)));
    return asked.map((id) => {
      const ours = claimed.get(id);
      // An id asked for twice in one group (a job and its repetition) is claimed by the first.
      claimed.delete(id);
      return ours ? { ok: true as const, claimed: ours } : { ok: false as const, ...refused(id) };
    });
  };

  return groupCommit(claimGroup, { maxGroup: 250, maxInFlight: 1 });
}

function expectedOf(provider: Claim['provider'], { environment }: ClaimedRow): string {
  return typeof provider === 'string' ? provider : provider[environment];
}

interface Refused {
  delivery: Delivery;
  line?: Line;
}

/** What a refused claim means for the job: gone on elsewhere, not yet, or stuck where a person should see it. */
function whyNot(refusal: Refusal | undefined, channel: string): Delivery {
  if (!refusal) return { now: 'settled', state: 'unknown' };
  const { state, next_attempt_at, lease_until } = refusal;
  // Its job ends; the line makes another one when its turn comes.
  if (refusal.parked) return { now: 'settled', state: 'pending' };
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

/** Rescue looks every second; before it has spoken a second look would only find the same. */
const RESCUE_GRACE_MS = 2000;
const UNEXPLAINED_MS = 2000;

function lineOf(refusal: Refusal | undefined): { line?: Line } {
  if (!refusal || refusal.ordering_key === null) return {};
  const { app_id: appId, environment, ordering_key: orderingKey } = refusal;
  return { line: { appId, environment, orderingKey } };
}
