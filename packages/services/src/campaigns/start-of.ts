import type { CampaignSchedule } from '@carillon/core/campaign/campaign';
import { readSchedule, startsAt } from '@carillon/core/campaign/schedule';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import type { Sql, TransactionSql } from 'postgres';
import { refusedField } from '../context.ts';

/** The westernmost clocks are 12 hours behind UTC: there a local time comes last. */
const LAST_ZONE_MS = 12 * 3_600_000;

/**
 * When the launch of a campaign may begin, by PostgreSQL's clock: for a local time before it comes in the first zone.
 *
 * @throws ProblemError 422 for a time that has passed (everywhere) or is too far ahead, and for an expiry before the
 *   last moment.
 */
export async function startOf(
  sql: Sql | TransactionSql,
  { expiresAt }: Pick<CampaignRow, 'expiresAt'>,
  schedule: CampaignSchedule,
): Promise<Date> {
  const [{ at }] = await sql<[{ at: Date }]>`select now() as at`;
  const moment = readSchedule(schedule, at.getTime());
  if ('problem' in moment) {
    const { path, message } = moment.problem;
    const given = schedule[path];
    throw refusedField(
      path,
      given === undefined ? message : `${JSON.stringify(given)} ${message} (it is ${at.toISOString()})`,
    );
  }
  const start = startsAt(moment, at.getTime());
  const last = moment.kind === 'local' ? moment.wallMs + LAST_ZONE_MS : start;
  if (expiresAt !== null && expiresAt.getTime() <= last)
    throw refusedField(
      'send_at',
      `${JSON.stringify(schedule.send_at ?? at.toISOString())} is not before expires_at (${expiresAt.toISOString()})${moment.kind === 'local' ? ' in every time zone' : ''}: messages would expire before they are sent; change one of them`,
    );
  return new Date(start);
}
