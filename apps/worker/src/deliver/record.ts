import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@carillon/core/backoff';
import type { Channel } from '@carillon/core/channel';
import { groupCommit } from '@carillon/core/group-commit';
import { laneOf } from '@carillon/core/lane';
import { type NotAccepted, spendsAttempt } from '@carillon/core/outcome';
import { type Ending, recordOutcomes } from '@carillon/db/queries/record-outcomes';
import { type Release, releaseClaims } from '@carillon/db/queries/release-claims';
import type { Sql } from 'postgres';
import type { AttemptEnd, Claimed, Delivery, Steps } from './steps.ts';

/**
 * The record step: how an attempt ended becomes a state, guarded by the lease. Endings made together share one
 * statement. What moved nothing (the lease was lost) is journalled there and left to whoever holds the row now.
 */
export function createRecord({
  sql,
  onOutcome,
}: {
  sql: Sql;
  onOutcome(ending: Ending): void;
}): Steps['record'] {
  const group = { maxGroup: 250, maxInFlight: 1 };
  const ended = groupCommit(async (endings: Ending[]) => {
    const moved = await recordOutcomes(sql, endings);
    return endings.map(({ id }) => moved.has(id));
  }, group);
  const released = groupCommit(async (releases: Release[]) => {
    const moved = await releaseClaims(sql, releases);
    return releases.map(({ id }) => moved.has(id));
  }, group);

  return async (claimed, end) => {
    if (end.kind === 'too_late' || end.kind === 'unsent') {
      const release = releaseOf(claimed, end);
      const moved = await insist(() => released(release));
      return moved ? afterRelease(release) : lookAgain();
    }
    const ending = endingOf(claimed, end, Math.random());
    onOutcome(ending);
    const moved = await insist(() => ended(ending));
    return moved ? afterEnding(ending) : lookAgain();
  };
}

/**
 * What a provider answered must not be forgotten because PostgreSQL restarts: the record is repeated for as long as
 * the lease may stand. Repeating is safe, a lease ends with the first record.
 */
async function insist<T>(write: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + INSIST_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await pause(RECORD_RETRY_MS);
    }
  }
}

const INSIST_MS = 30_000;
const RECORD_RETRY_MS = 250;

/** The row is somebody else's now (rescue called it a doubt): the job looks once more and finds out. */
const lookAgain = (): Delivery => ({ now: 'waiting', at: Date.now() + 1000 });

function releaseOf(claimed: Claimed, end: Extract<AttemptEnd, { kind: 'too_late' | 'unsent' }>): Release {
  const { id, attempt_count: n, leaseToken } = claimed;
  if (end.kind === 'too_late')
    return {
      id,
      n,
      leaseToken,
      state: 'expired',
      reason: 'expires_at passed before it could be sent',
      dueInMs: null,
    };
  return { id, n, leaseToken, state: 'retrying', reason: end.reason, dueInMs: Math.ceil(end.retryInMs) };
}

function afterRelease(release: Release): Delivery {
  if (release.state === 'expired') return { now: 'settled', state: 'expired' };
  return { now: 'waiting', at: Date.now() + (release.dueInMs ?? 0) };
}

/** Pure: what an ended attempt means for the notification. Exported for its tests. */
export function endingOf(
  claimed: Claimed,
  end: Extract<AttemptEnd, { kind: 'answered' | 'impossible' }>,
  random: number,
): Ending {
  const base = { id: claimed.id, n: claimed.attempt_count, leaseToken: claimed.leaseToken };
  if (end.kind === 'impossible') {
    const failed = {
      ...base,
      provider: claimed.expectedProvider,
      latencyMs: 0,
      outcome: 'rejected' as const,
    };
    return permanent(claimed, { ...failed, phase: 'started', errorCode: end.code, error: end.reason });
  }
  const { outcome, account, latencyMs, message } = end;
  const answered = { ...base, provider: account.id, latencyMs, outcome: outcome.class };
  if (outcome.class === 'accepted') {
    const state = outcome.delivered ? 'delivered' : 'sent';
    return { ...answered, state, phase: 'answered', providerMessageId: outcome.providerMessageId };
  }
  const refused = { ...answered, phase: outcome.phase, errorCode: outcome.code, error: outcome.message };
  switch (outcome.class) {
    case 'in_doubt':
      return {
        ...refused,
        state: 'in_doubt',
        ...(account.adapter.guarantee === 'A' ? { rendered: message } : {}),
      };
    case 'rejected':
    case 'bad_recipient':
      return permanent(claimed, refused);
    default:
      return transient(claimed, refused, outcome, random);
  }
}

type Unplaced = Omit<Ending, 'state'>;

/** Permanent here; the next channel of the route may still reach the person. */
function permanent(claimed: Claimed, ending: Unplaced): Ending {
  const next: Channel | undefined = claimed.route[claimed.route.indexOf(claimed.channel) + 1];
  if (!next) return { ...ending, state: 'failed' };
  return { ...ending, state: 'pending', nextChannel: next, nextLane: laneOf(next, claimed.priority) };
}

function transient(claimed: Claimed, ending: Unplaced, outcome: NotAccepted, random: number): Ending {
  const refund = !spendsAttempt(outcome.class);
  // A wait that costs nothing always takes the first step of the schedule: it may repeat for as long as the limit does.
  const tries = refund ? 1 : claimed.tries;
  const retryInMs = backoffMs(claimed.priority, tries, random, outcome.retryAfterMs);
  if (retryInMs === null) return { ...ending, state: 'dead' };
  return { ...ending, state: 'retrying', retryInMs, ...(refund ? { refund } : {}) };
}

function afterEnding(ending: Ending): Delivery {
  switch (ending.state) {
    case 'retrying':
      return { now: 'waiting', at: Date.now() + (ending.retryInMs ?? 0) };
    case 'failed':
    case 'dead':
    case 'in_doubt':
      return { now: 'stuck', reason: `${ending.state}: ${ending.errorCode}: ${ending.error}` };
    default:
      return { now: 'settled', state: ending.state };
  }
}
