import { FINAL_STATES, type State } from '../notification/states.ts';

/** Why the fan-out made no notification for a recipient of the frozen audience. */
export const NOT_MADE_REASONS = [
  /** There is no such recipient, or they were erased. */
  'unknown',
  /** No channel of the route reaches the recipient. */
  'no_contact_point',
  /** The template prints a variable that the recipient does not have. */
  'missing_variable',
  /** In the group that gets nothing, for comparison. */
  'holdout',
  /** A notification of this campaign exists for the recipient. */
  'already_made',
  /** The local moment had passed, and such recipients were to be left out. */
  'too_late',
] as const;
export type NotMadeReason = (typeof NOT_MADE_REASONS)[number];

/** What `counts` and `count_changes` count by. `made` counts each notification once and never falls. */
export type Bucket = 'planned' | 'made' | `not_made:${NotMadeReason}` | State;

/** Open notifications that rest: counted over the index of rare states, because moves within `open` are not counted. */
export const RESTING_STATES = ['scheduled', 'retrying', 'in_doubt'] as const satisfies readonly State[];
export type RestingState = (typeof RESTING_STATES)[number];

/**
 * Where the recipients of a campaign are. Invariant 16: planned = remaining + made + sum(not_made); made = open + the
 * final states; open = in_progress + scheduled + retrying + in_doubt.
 */
export interface CampaignCounts {
  planned: number;
  remaining: number;
  made: number;
  not_made: Partial<Record<NotMadeReason, number>>;
  open: number;
  in_progress: number;
  scheduled: number;
  retrying: number;
  in_doubt: number;
  sent: number;
  delivered: number;
  failed: number;
  dead: number;
  suppressed: number;
  skipped: number;
  cancelled: number;
  expired: number;
}

/**
 * Pure: the counts of a campaign from what one snapshot has.
 *
 * @param buckets the sums of `counts` and `count_changes`.
 * @param resting the notifications in each resting state.
 */
export function campaignCounts(
  buckets: Readonly<Partial<Record<Bucket, number>>>,
  resting: Readonly<Partial<Record<RestingState, number>>>,
): CampaignCounts {
  const of = (bucket: Bucket): number => buckets[bucket] ?? 0;
  const not_made: CampaignCounts['not_made'] = {};
  let left = 0;
  for (const reason of NOT_MADE_REASONS) {
    const n = of(`not_made:${reason}`);
    if (n !== 0) not_made[reason] = n;
    left += n;
  }
  const final = FINAL_STATES.reduce((sum, state) => sum + of(state), 0);
  const [scheduled, retrying, in_doubt] = RESTING_STATES.map((state) => resting[state] ?? 0) as [
    number,
    number,
    number,
  ];
  const open = of('made') - final;
  return {
    planned: of('planned'),
    remaining: of('planned') - of('made') - left,
    made: of('made'),
    not_made,
    open,
    in_progress: open - scheduled - retrying - in_doubt,
    scheduled,
    retrying,
    in_doubt,
    sent: of('sent'),
    delivered: of('delivered'),
    failed: of('failed'),
    dead: of('dead'),
    suppressed: of('suppressed'),
    skipped: of('skipped'),
    cancelled: of('cancelled'),
    expired: of('expired'),
  };
}
