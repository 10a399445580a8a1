import type { Campaign, CampaignCounts } from '@carillon/client/api-types';
import { CAMPAIGN_STATE_WORDS } from '@carillon/core/campaign/wording';
import { count } from '../elements/quantities.ts';
import { formatTime, ZONE } from '../elements/time.tsx';
import { WordsMark } from '../elements/words.tsx';

export function CampaignMark({ state }: { state: Campaign['state'] }) {
  return <WordsMark words={CAMPAIGN_STATE_WORDS[state]} />;
}

/** Whom a campaign is for, in a few words. */
export function audienceWords(audience: Campaign['audience']): string {
  if (audience === null) return 'nobody yet';
  if (audience.audience !== undefined) return audience.audience;
  if (audience.recipient_ids !== undefined) {
    const { length } = audience.recipient_ids;
    return length === 1 ? '1 recipient by id' : `${count(length)} recipients by id`;
  }
  return filterWords(audience.filter ?? {});
}

const PARTS: Readonly<Record<string, string>> = {
  not_made: 'who have not had it',
  failed: 'for whom it failed',
  joined_since: 'who joined since',
};

/** A filter as one line; deeper groups in brackets. */
export function filterWords(filter: Readonly<Record<string, unknown>>): string {
  for (const [group, between] of [
    ['all', ' and '],
    ['any', ' or '],
  ] as const) {
    const members = filter[group];
    if (!Array.isArray(members)) continue;
    if (members.length === 0) return group === 'all' ? 'everybody' : 'nobody';
    const parts = members.map((each: Record<string, unknown>) => {
      const text = filterWords(each);
      return 'all' in each || 'any' in each ? `(${text})` : text;
    });
    return parts.join(between);
  }
  if (filter['not'] !== undefined) return `not (${filterWords(filter['not'] as Record<string, unknown>)})`;
  if (filter['audience'] !== undefined) return `audience ${String(filter['audience'])}`;
  if (filter['campaign'] !== undefined)
    return `of another campaign, ${PARTS[String(filter['is'])] ?? String(filter['is'])}`;
  const value = filter['value'];
  const shown = value === undefined ? '' : ` ${Array.isArray(value) ? value.join(', ') : String(value)}`;
  return `${String(filter['field'])} ${OP_WORDS[String(filter['op'])] ?? String(filter['op'])}${shown}`;
}

export const OP_WORDS: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  not_in: 'is none of',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  exists: 'is there',
  not_exists: 'is not there',
  contains: 'contains',
  starts_with: 'begins with',
  before: 'is before',
  after: 'is after',
  within_days: 'is within days',
};

const LATE_WORDS = {
  now: 'at once',
  next_day: 'on the next day',
  skip: 'not at all',
} as const;

/** When a campaign is sent, as it was scheduled. */
export function scheduleWords(schedule: NonNullable<Campaign['schedule']>): string {
  const { send_at: at, in_recipient_time_zone: isLocal, late } = schedule;
  if (at === null) return 'as soon as it is scheduled';
  if (!isLocal) return `${formatTime(at)} (${ZONE})`;
  return `${localWords(at)} on the clock of each recipient; whose time has passed, ${LATE_WORDS[late]}`;
}

/** A date and time without a zone. */
export function localWords(at: string): string {
  const date = new Date(`${at.slice(0, 16)}Z`);
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(date);
}

/** How far a campaign is. */
export function progressOf({ planned, remaining, made, open }: CampaignCounts): {
  over: number;
  share: number;
} {
  const leftOut = planned - remaining - made;
  const over = made - open + leftOut;
  return { over, share: planned === 0 ? 0 : (over / planned) * 100 };
}
