import type { Campaign, CampaignCounts } from '@carillon/client/api-types';
import { CAMPAIGN_STATE_WORDS } from '@carillon/core/campaign/wording';
import { filterWords } from '../audiences/words.ts';
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
