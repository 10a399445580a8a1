import type { CampaignCounts } from '@carillon/core/campaign/counts';
import { campaignKey } from '@carillon/core/campaign/keys';
import type { CampaignState, StopMode } from '@carillon/core/campaign/states';
import type { Environment } from '@carillon/core/notification/environment';
import { FINAL_STATES, type State } from '@carillon/core/notification/states';
import { notificationId } from '@carillon/core/text/ids';
import type { LedgerEntry } from './evidence.ts';
import type { Finding, Rule } from './rules.ts';

/** What is known about one campaign at the end of a run. All times in ms since the epoch. */
export interface CampaignEvidence {
  id: string;
  appId: string;
  environment: Environment;
  /** Everybody who belonged to its audience when it was launched. */
  audience: readonly string[];
  /** In order; the last one was taken when everything had settled. */
  snapshots: readonly CampaignSnapshot[];
  /** How it has to end. */
  endsAs: CampaignState;
  notifications: readonly { id: string; recipientId: string | null; state: State }[];
  notMade: readonly { recipientId: string; reason: string }[];
  /** Recipients of the frozen audience whose turn has not come. */
  waiting: readonly string[];
  stops: readonly ConfirmedStop[];
  wishes: readonly ConfirmedWish[];
}

/** Counts and rows, read in one snapshot. */
export interface CampaignSnapshot {
  at: number;
  state: CampaignState;
  isFrozen: boolean;
  counts: CampaignCounts;
  /** Its notifications by state. */
  rows: Readonly<Partial<Record<State, number>>>;
}

export interface ConfirmedStop {
  mode: StopMode;
  confirmedAt: number;
  /** When resuming began; null where it never did. */
  liftedAt: number | null;
}

/** What forbids a message to a recipient, confirmed before its claim. */
export interface ConfirmedWish {
  recipientId: string;
  wish: 'suppressed' | 'opted out' | 'erased';
  confirmedAt: number;
}

/** Invariant 17. */
const OBEYED_WITHIN_MS = 5_000;
/** A call that was out when a wish was confirmed. */
const CALL_OUT_MS = 3_000;
/** Of one kind in one campaign; the others say the same. */
const MOST_FINDINGS = 5;

/** Pure: holds a campaign against invariants 16, 17 and 18. */
export function judgeCampaign(campaign: CampaignEvidence, ledger: readonly LedgerEntry[]): Finding[] {
  return [
    findWrongCounts(campaign),
    findChangedPlan(campaign),
    findMadeTwice(campaign),
    findUnexplained(campaign),
    findUnfinished(campaign),
    findAfterStop(campaign, ledger),
    findUnwanted(campaign, ledger),
  ].flatMap((findings) => findings.slice(0, MOST_FINDINGS));
}

/** The id of the notification that a campaign makes for a recipient. */
export function madeFor(
  { id, appId, environment }: Pick<CampaignEvidence, 'id' | 'appId' | 'environment'>,
  recipientId: string,
): string {
  return notificationId(appId, environment, campaignKey(id, recipientId));
}

/** Differences make the sums add up whatever is wrong: what is wrong shows as a number below zero. */
function findWrongCounts({ id, snapshots }: CampaignEvidence): Finding[] {
  return snapshots.flatMap(({ at, counts, rows }, k): Finding[] => {
    const wrong = problemOf(counts, rows);
    return wrong === null ? [] : [found('counts_differ', id, `snapshot ${k + 1} at ${time(at)}: ${wrong}`)];
  });
}

function problemOf(counts: CampaignCounts, rows: CampaignSnapshot['rows']): string | null {
  const { not_made, ...numbers } = counts;
  const below = Object.entries({ ...numbers, ...not_made }).find(([, n]) => n < 0);
  if (below) return `${below[0]} is ${below[1]}`;
  const { planned, remaining, made, open, in_progress, scheduled, retrying, in_doubt } = counts;
  const left = Object.values(not_made).reduce((sum, n) => sum + n, 0);
  if (planned !== remaining + made + left) return `${planned} planned, but ${remaining + made + left} told`;
  const final = FINAL_STATES.reduce((sum, state) => sum + counts[state as keyof typeof numbers], 0);
  if (made !== open + final) return `${made} made, but ${open} open and ${final} final`;
  if (open !== in_progress + scheduled + retrying + in_doubt) return `the open ones do not add up to ${open}`;
  const actual = Object.values(rows).reduce((sum, n) => sum + n, 0);
  if (made !== actual) return `${made} made, but there are ${actual} notifications`;
  for (const state of [...FINAL_STATES, 'scheduled', 'retrying', 'in_doubt'] as const) {
    const counted = counts[state as keyof typeof numbers];
    if (counted !== (rows[state] ?? 0))
      return `${counted} ${state}, but ${rows[state] ?? 0} notifications are`;
  }
  return null;
}

function findChangedPlan({ id, audience, snapshots }: CampaignEvidence): Finding[] {
  return snapshots.flatMap(({ at, isFrozen, counts: { planned } }): Finding[] => {
    const isRight = isFrozen ? planned === audience.length : planned <= audience.length;
    const when = isFrozen ? 'after the freeze' : 'before it was frozen';
    return isRight
      ? []
      : [found('planned_changed', id, `${planned} of ${audience.length} planned ${when}, at ${time(at)}`)];
  });
}

/** Erased recipients all have different hashes. */
function findMadeTwice({ id, notifications }: CampaignEvidence): Finding[] {
  const made = countBy(notifications.map(({ recipientId }) => recipientId ?? 'nobody'));
  return [...made]
    .filter(([, count]) => count > 1)
    .map(([recipient, count]) => found('made_twice', id, `${count} notifications for ${recipient}`));
}

/** Everybody of the audience has a notification, a reason, or a place in the queue; nobody else has. */
function findUnexplained(campaign: CampaignEvidence): Finding[] {
  const { id, audience, notifications, notMade, waiting, wishes } = campaign;
  const told = countBy([
    ...notifications.map(({ recipientId }) => recipientId ?? 'nobody'),
    ...notMade.map(({ recipientId }) => recipientId),
    ...waiting,
  ]);
  const erased = new Set(
    wishes.filter(({ wish }) => wish === 'erased').map(({ recipientId }) => recipientId),
  );
  return audience.flatMap((recipient): Finding[] => {
    const count = told.get(recipient) ?? 0;
    if (erased.has(recipient))
      return count === 0 ? [] : [found('unexplained', id, `${recipient} was erased, and is still named`)];
    return count === 1 ? [] : [found('unexplained', id, `${recipient} is there ${count} times`)];
  });
}

function findUnfinished({ id, snapshots, endsAs, waiting }: CampaignEvidence): Finding[] {
  const last = snapshots.at(-1);
  if (!last) return [found('unfinished', id, 'nobody could look at it')];
  const { open, in_doubt, remaining } = last.counts;
  if (last.state !== endsAs)
    return [
      found('unfinished', id, `${last.state} and not ${endsAs}; ${remaining} remain, ${open} are open`),
    ];
  // A doubt of a cancelled campaign waits for a person.
  if (endsAs === 'cancelled' && open > in_doubt)
    return [found('unfinished', id, `cancelled, and ${open - in_doubt} notifications still wait`)];
  if (endsAs === 'done' && waiting.length > 0)
    return [found('unfinished', id, `done, and ${waiting.length} recipients still wait`)];
  return [];
}

/** Providers note a call when it comes in, so that a slow answer is no excuse. */
function findAfterStop({ id, notifications, stops }: CampaignEvidence, ledger: readonly LedgerEntry[]) {
  const own = new Set(notifications.map((each) => each.id));
  return ledger.flatMap((entry): Finding[] => {
    if (entry.notificationId === null || !own.has(entry.notificationId)) return [];
    const broken = stops.find(
      ({ confirmedAt, liftedAt }) =>
        entry.at > confirmedAt + OBEYED_WITHIN_MS && (liftedAt === null || entry.at < liftedAt),
    );
    if (!broken) return [];
    const lateMs = entry.at - broken.confirmedAt;
    const why = `${entry.provider} took ${entry.notificationId} ${lateMs} ms after it was ${broken.mode}`;
    return [found('after_stop', id, why)];
  });
}

function findUnwanted(campaign: CampaignEvidence, ledger: readonly LedgerEntry[]): Finding[] {
  const wishes = new Map(campaign.wishes.map((each) => [madeFor(campaign, each.recipientId), each]));
  return ledger.flatMap((entry): Finding[] => {
    const wish = wishes.get(entry.notificationId ?? '');
    if (!wish || entry.at <= wish.confirmedAt + CALL_OUT_MS) return [];
    const lateMs = entry.at - wish.confirmedAt;
    const why = `${entry.provider} took it ${lateMs} ms after ${wish.recipientId} was ${wish.wish}`;
    return [found('unwanted', entry.notificationId!, why)];
  });
}

const found = (rule: Rule, id: string, why: string): Finding => ({ rule, id, why });
const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
