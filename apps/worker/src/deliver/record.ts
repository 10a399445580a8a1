import { groupCommit } from '@carillon/core/group-commit';
import type { Message } from '@carillon/core/message';
import { followRefusals } from '@carillon/db/queries/follow-refusals';
import { noteLateAnswer } from '@carillon/db/queries/note-late-answer';
import { recordAccepted } from '@carillon/db/queries/record-accepted';
import { type Ending, recordOutcomes } from '@carillon/db/queries/record-outcomes';
import { type Release, releaseClaims } from '@carillon/db/queries/release-claims';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import { type Alternatives, afterEnding, endingOf } from './ending.ts';
import { insist } from './insist.ts';
import { type Leases, UNRENEWED } from './leases.ts';
import { afterRelease, isUncalled, releaseOf, type Uncalled } from './release.ts';
import type { AttemptEnd, Claimed, Delivery, Steps } from './steps.ts';

export interface RecordOptions {
  sql: Sql;
  /** Asked only when a provider did not take the message; without it there are none. */
  alternativesTo?(claimed: Claimed, message: Message, account: ProviderAccount): Alternatives;
  onOutcome(ending: Ending): void;
  /** Lets go of what is recorded. */
  leases?: Pick<Leases, 'letGo' | 'refusal'>;
  /** How long the first ending of a group waits for others: their calls end one by one, their claims began together. */
  gatherMs?: number;
}

/**
 * The record step: how an attempt ended becomes a state, guarded by the lease. Endings made together share one
 * statement. What moved nothing (the lease was lost) is journalled and left to whoever holds the row now; if that is the
 * resolver, because rescue has called the attempt a doubt, the late answer is the evidence that settles it.
 */
export function createRecord({
  sql,
  alternativesTo = () => ({}),
  onOutcome,
  leases = UNRENEWED,
  gatherMs = 0,
}: RecordOptions): Steps['record'] {
  const group = { maxGroup: 250, maxInFlight: 1 };
  const ended = groupCommit(
    async (endings: Ending[]) => {
      const moved = await recordGroup(sql, endings);
      return endings.map(({ id }) => moved.has(id));
    },
    { ...group, gatherMs },
  );
  const released = groupCommit(async (releases: Release[]) => {
    const moved = await releaseClaims(sql, releases);
    return releases.map(({ id }) => moved.has(id));
  }, group);

  const release = async (claimed: Claimed, end: Uncalled, account?: ProviderAccount): Promise<Delivery> => {
    const unsent = releaseOf(claimed, end);
    if (await insist(() => released(unsent), INSIST_MS)) return afterRelease(unsent);
    const { id, attempt_count: n, expectedProvider } = claimed;
    const given = {
      provider: account?.id ?? expectedProvider,
      outcome: 'transient',
      errorCode: 'lease_over',
    } as const;
    await insist(() => noteLateAnswer(sql, { id, n }, { id, n, ...given }), INSIST_MS);
    return lookAgain();
  };

  const end = async (claimed: Claimed, how: Called): Promise<Delivery> => {
    const refused = how.kind === 'answered' && how.outcome.class !== 'accepted';
    const alternatives = refused ? alternativesTo(claimed, how.message, how.account) : {};
    const ending = endingOf(claimed, how, Math.random(), alternatives);
    onOutcome(ending);
    if (await insist(() => ended(ending), INSIST_MS)) return afterEnding(ending);
    // An answer that is a doubt itself is evidence of nothing.
    if (ending.outcome !== 'in_doubt') await insist(() => noteLateAnswer(sql, ending, null), INSIST_MS);
    return lookAgain();
  };

  return async (claimed, how) => {
    try {
      if (isUncalled(how)) return await release(claimed, how);
      if (how.kind === 'answered' && wasNotWritten(how)) {
        const unsent = { kind: 'unsent', ...leases.refusal() } as const;
        return await release(claimed, unsent, how.account);
      }
      return await end(claimed, how);
    } finally {
      leases.letGo(claimed);
    }
  };
}

/**
 * Nearly every group was accepted altogether, for which a shorter statement will do. Whose lease was lost is journalled
 * after it and not with it: until that is done its answer is kept, and who dies before leaves the doubt that was there.
 */
async function recordGroup(sql: Sql, endings: readonly Ending[]): Promise<Set<string>> {
  if (endings.some(({ outcome }) => outcome !== 'accepted')) return recordAndFollow(sql, endings);
  const moved = await recordAccepted(sql, endings);
  const late = endings.filter(({ id }) => !moved.has(id));
  if (late.length > 0) await insist(() => recordOutcomes(sql, late), INSIST_MS);
  return moved;
}

/** What a provider said of an address is remembered in the commit that records it. */
async function recordAndFollow(sql: Sql, endings: readonly Ending[]): Promise<Set<string>> {
  const refused = endings.flatMap((ending) => ending.refused ?? []);
  if (refused.length === 0) return recordOutcomes(sql, endings);
  return sql.begin(async (tx) => {
    const moved = await recordOutcomes(tx, endings);
    await followRefusals(tx, refused);
    return moved;
  });
}

type Called = Exclude<AttemptEnd, Uncalled>;

/** Given up because of us, in the moment before the first byte: no attempt was made. */
function wasNotWritten({ outcome }: Extract<AttemptEnd, { kind: 'answered' }>): boolean {
  return outcome.class === 'transient' && outcome.code === 'lease_over' && outcome.phase === 'started';
}

/**
 * An answer is worth keeping for as long as PostgreSQL may be away, also when the lease has long run out: it settles the
 * doubt. While it is kept the notification counts as in hand, and a process with its hands full takes nothing new.
 */
const INSIST_MS = 10 * 60_000;

/** The row is somebody else's now (rescue called it a doubt): the job looks once more and finds out. */
const lookAgain = (): Delivery => ({ now: 'waiting', at: Date.now() + 1000 });
