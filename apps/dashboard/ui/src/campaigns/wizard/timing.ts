import type { Campaign, ScheduleCampaignRequest } from '@carillon/client/api-types';
import { readSchedule } from '@carillon/core/campaign/schedule';
import { useFilters } from '../../elements/filters.ts';

/** When it is to be sent. It stands in the address until the campaign is scheduled: only then the API has it. */
export interface Timing {
  when: 'now' | 'at' | 'local';
  /** RFC 3339, or of `local` a date and time without a zone; '' where none was chosen. */
  at: string;
  late: 'now' | 'next_day' | 'skip';
}

export function useTiming(campaign: Campaign): [Timing, (next: Timing) => void] {
  const [given, change] = useFilters(['when', 'at', 'late']);
  const { schedule } = campaign;
  const before: Timing =
    schedule === null || schedule.send_at === null
      ? { when: 'now', at: '', late: schedule?.late ?? 'now' }
      : {
          when: schedule.in_recipient_time_zone ? 'local' : 'at',
          at: schedule.send_at,
          late: schedule.late,
        };
  const timing: Timing =
    given.when === undefined
      ? before
      : {
          when: given.when === 'at' || given.when === 'local' ? given.when : 'now',
          at: given.at ?? '',
          late: given.late === 'next_day' || given.late === 'skip' ? given.late : 'now',
        };
  return [
    timing,
    ({ when, at, late }) =>
      change({
        when,
        at: when === 'now' ? undefined : at,
        late: when === 'local' ? late : undefined,
      }),
  ];
}

/** The body of a request to schedule. */
export function scheduleOf({ when, at, late }: Timing): ScheduleCampaignRequest {
  if (when === 'now') return {};
  return when === 'at' ? { send_at: at } : { send_at: at, in_recipient_time_zone: true, late };
}

/** Why it cannot be sent then; null if it can. @param now ms since the epoch. */
export function timingProblem(timing: Timing, now: number): string | null {
  if (timing.when !== 'now' && timing.at === '') return 'Choose a time, or send it now.';
  const { send_at, in_recipient_time_zone = false, late = 'now' } = scheduleOf(timing);
  const read = readSchedule({ ...(send_at !== undefined && { send_at }), in_recipient_time_zone, late }, now);
  return 'problem' in read ? `The time ${read.problem.message}.` : null;
}
