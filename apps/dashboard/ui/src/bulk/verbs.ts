import type { BulkAction } from '@carillon/client/api-types';
import { STATE_WORDS } from '@carillon/core/notification/wording';
import { FILTER_TITLES } from '../notifications/filters.ts';

export const VERBS: Readonly<Record<BulkAction['action'], string>> = {
  retry: 'Retry',
  cancel: 'Cancel',
  reschedule: 'Another time',
};

export const STATES: Readonly<Record<BulkAction['status'], string>> = {
  running: 'Running',
  done: 'Done',
  stopped: 'Stopped',
};

/** The filter of an action, in words. */
export function filterWords(filter: Readonly<Record<string, string>>): string {
  const members = Object.entries(filter).map(
    ([name, value]) =>
      `${FILTER_TITLES[name as keyof typeof FILTER_TITLES] ?? name}: ${name === 'status' ? statesOf(value) : value}`,
  );
  return members.length === 0 ? 'everything' : members.join('; ');
}

const statesOf = (states: string): string =>
  states
    .split(',')
    .map((state) => STATE_WORDS[state as keyof typeof STATE_WORDS]?.title ?? state)
    .join(' or ');

/** How many were looked at, of how many. */
export function progressOf({ done, skipped, matched }: BulkAction) {
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  return {
    skipped: left,
    seen: done + left,
    share: matched === 0 ? 100 : Math.min(100, ((done + left) * 100) / matched),
  };
}
