import type { Words } from '../notification/wording.ts';
import type { NotMadeReason } from './counts.ts';
import type { CampaignState } from './states.ts';

/** What states and figures of campaigns mean, for those who plan them. Pure, so that the dashboard shows the same words. */
const words = (tone: Words['tone'], title: string, means: string, next: string): Words => ({
  title,
  means,
  next,
  tone,
});

const NOTHING = 'Nothing to do.';

export const CAMPAIGN_STATE_WORDS: Readonly<Record<CampaignState, Words>> = {
  draft: words(
    'neutral',
    'Draft',
    'It is being written. Nothing of it is sent.',
    'Complete it, look at its review, and schedule it.',
  ),
  scheduled: words(
    'waiting',
    'Scheduled',
    'It starts by itself when its time comes; its audience is fixed at that moment.',
    'Nothing to do. Until then it can be changed, which makes it a draft again, or cancelled.',
  ),
  running: words(
    'waiting',
    'Running',
    'Its messages are being made and sent.',
    'Nothing to do. It can be paused, slowed down or cancelled at any time.',
  ),
  paused: words(
    'attention',
    'Paused',
    'Nothing of it is sent until somebody resumes it. What waits stays, and no recipient is lost.',
    'Read why it was paused; then resume or cancel it.',
  ),
  done: words(
    'good',
    'Done',
    'Each recipient of its audience got their message or is counted under a reason why not.',
    'Look at those who have not had it; a follow-up reaches them.',
  ),
  cancelled: words(
    'neutral',
    'Cancelled',
    'It was stopped for good. What was sent before that stays sent.',
    'Nothing to do. To send the rest after all, make a follow-up.',
  ),
  failed: words(
    'bad',
    'Failed',
    'It could not start: its template or audience is gone, or no recipient would have got it.',
    'Read why, and make a new one.',
  ),
};

/** Why a recipient of the audience gets no message of a campaign. */
export const NOT_MADE_WORDS: Readonly<Record<NotMadeReason, Words>> = {
  unknown: words(
    'neutral',
    'No such recipient',
    'The list names an id that no recipient has, or the recipient was erased.',
    'Correct the list, or register the recipient, and make a follow-up.',
  ),
  no_contact_point: words(
    'neutral',
    'No address',
    'The recipient has no usable address for any channel of the campaign.',
    'Ask for an address, or make a follow-up by another channel.',
  ),
  missing_variable: words(
    'attention',
    'Variable is missing',
    'The text prints a variable that this recipient does not have.',
    'Give it a default in the template, or store the attribute; then make a follow-up.',
  ),
  holdout: words(
    'neutral',
    'Held out',
    'The recipient is in the group that gets nothing, for comparison.',
    NOTHING,
  ),
  already_made: words(
    'neutral',
    'Has one already',
    'This campaign has a message for the recipient. It never makes a second one.',
    NOTHING,
  ),
  too_late: words(
    'neutral',
    'Local time had passed',
    'The time on the clock of the recipient had passed when the campaign started, and such recipients were to be left out.',
    'Make a follow-up if they should get it after all.',
  ),
};
