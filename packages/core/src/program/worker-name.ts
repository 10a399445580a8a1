import type { Priority } from '../notification/priority.ts';

/**
 * How a worker process is named in `pg_stat_activity` and in Redis: by the priorities that it delivers, and whether it runs
 * campaigns. Workers of the release before do not say the latter.
 */
export function workerName(priorities: readonly Priority[], campaigns: boolean): string {
  const work = [...priorities, ...(campaigns ? [CAMPAIGNS] : [])].join('+');
  return [PROGRAM, work].filter(Boolean).join('-');
}

const PROGRAM = 'carillon-worker';
const CAMPAIGNS = 'campaigns';

/** Whether a session of this `application_name` is of a worker that runs campaigns. */
export function isCampaignWorker(name: string): boolean {
  if (!name.startsWith(`${PROGRAM}-`)) return false;
  const [work = ''] = name.slice(PROGRAM.length + 1).split('-');
  return work.split('+').includes(CAMPAIGNS);
}
