import { isCampaignWorker } from '@carillon/core/program/worker-name';
import type { Sql } from 'postgres';
import { type Finding, ok, warning } from './finding.ts';

/**
 * Whether a worker runs campaigns where there are some to run. Without campaigns there is nothing to say. Call it only where all
 * migrations are applied.
 *
 * @param isPooled whether sessions of the server keep the name of the program that used them last.
 */
export async function checkCampaigns(sql: Sql, isPooled = false): Promise<Finding[]> {
  const [row] = await sql<[{ started: number; drafts: number; names: string[] }]>`
    select count(*) filter (where state <> 'draft')::int as started, count(*) filter (where state = 'draft')::int as drafts,
      (select coalesce(array_agg(distinct application_name), '{}') from pg_stat_activity
        where datname = current_database() and application_name like 'carillon-worker%') as names
    from campaigns where state in ('draft', 'scheduled', 'running', 'paused')`;
  const { started, drafts, names } = row;
  if (started + drafts === 0) return [];
  const waiting = [
    started === 0 ? null : `${started} scheduled, running or paused`,
    drafts === 0 ? null : `${drafts} ${drafts === 1 ? 'draft' : 'drafts'}`,
  ]
    .filter((each) => each !== null)
    .join(' and ');
  if (isPooled && !names.some(isCampaignWorker))
    return [ok('campaigns', `${waiting}; whether a worker has the role is not seen through a pooler`)];
  if (names.some(isCampaignWorker))
    return [ok('campaigns', `${waiting}; a worker with the role is connected`)];
  return [
    warning(
      'campaigns',
      `${waiting}, and no worker with the role campaigns is connected to this database: none is reviewed, launched or sent`,
      'Start a worker that has campaigns in WORKER_ROLES, or no WORKER_ROLES at all. Workers of the release before are not recognised.',
    ),
  ];
}
