import type { ReviewResult } from './review.ts';

/** Why a campaign is refused, with the figures. `detail` is one sentence for people, complete in itself. */
export interface CampaignProblem {
  code: 'empty_audience' | 'missing_variables' | 'stale_review' | 'invalid_request';
  /** The field of the campaign that it is about. */
  path: 'audience' | 'template' | 'schedule.send_at';
  detail: string;
  counts: Readonly<Record<string, number>>;
}

/** What a review was made of: another one voids it. Fingerprints, compared as texts. */
export interface Reviewed {
  template: string;
  audience: string;
  schedule: string;
}

/**
 * Pure: what forbids to schedule a campaign with these figures; empty if nothing does. Recipients who get nothing for
 * reasons of their own (opted out, suppressed, no address) forbid nothing as long as somebody is left.
 *
 * @param result of the last review.
 */
export function reviewProblems(result: ReviewResult): CampaignProblem[] {
  const problems = [emptyAudience(result), ...missingVariables(result)];
  return problems.filter((problem) => problem !== null);
}

/**
 * Pure: what changed since the review.
 *
 * @param countedAt when it counted.
 * @returns null where nothing did: the review is valid.
 */
export function staleReview(then: Reviewed, now: Reviewed, countedAt: Date): CampaignProblem | null {
  const changed = (['template', 'audience', 'schedule'] as const).filter((part) => then[part] !== now[part]);
  if (changed.length === 0) return null;
  const verb = changed.length === 1 ? 'has' : 'have';
  return {
    code: 'stale_review',
    path: changed[0] === 'schedule' ? 'schedule.send_at' : changed[0]!,
    detail: `The ${inWords(changed)} ${verb} changed since the review of ${countedAt.toISOString()}; review the campaign again, and schedule what you then see.`,
    counts: {},
  };
}

/** Pure: a schedule whose time has passed, as `readSchedule` found. */
export function passedSchedule(sendAt: string, message: string): CampaignProblem {
  return {
    code: 'invalid_request',
    path: 'schedule.send_at',
    detail: `${JSON.stringify(sendAt)} ${message}.`,
    counts: {},
  };
}

/** Whom the campaign would reach by any channel. */
export function reachableOf({ reachable }: Pick<ReviewResult, 'reachable'>): number {
  return Object.values(reachable).reduce((sum, n) => sum + n, 0);
}

function emptyAudience(result: ReviewResult): CampaignProblem | null {
  const { matched, no_contact_point, suppressed, opted_out } = result;
  const reachable = reachableOf(result);
  if (reachable > 0) return null;
  const of = (detail: string): CampaignProblem => ({
    code: 'empty_audience',
    path: 'audience',
    detail,
    counts: { matched, reachable, no_contact_point, suppressed, opted_out },
  });
  if (matched === 0) return of('The audience selects nobody; change its filter or its list.');
  const reasons = [
    [no_contact_point, 'without an address for its channels'],
    [suppressed, 'suppressed'],
    [opted_out, 'opted out'],
  ] as const;
  const given = reasons.filter(([n]) => n > 0).map(([n, words]) => `${number(n)} ${words}`);
  const because = given.length === 0 ? '' : `: ${inWords(given)}`;
  return of(
    `Of ${number(matched)} ${people(matched)} selected nobody would get it${because}. Change the audience or the channels.`,
  );
}

/** A variable that some do not have leaves those out; one that nobody has is a mistake in the template. */
function missingVariables({ matched, missing_variable: missing }: ReviewResult): (CampaignProblem | null)[] {
  return Object.entries(missing)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => {
      if (matched === 0 || n < matched) return null;
      const detail = `The template needs ${JSON.stringify(name)}, which none of the ${number(matched)} ${people(matched)} selected has. Map it in "variables", give it in "data", or give it a default in the template.`;
      return {
        code: 'missing_variables',
        path: 'template',
        detail,
        counts: { matched, missing: n },
      } as const;
    });
}

const number = (n: number): string => n.toLocaleString('en-US');
const people = (n: number): string => (n === 1 ? 'recipient' : 'recipients');

function inWords(parts: readonly string[]): string {
  const last = parts.at(-1)!;
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
