import { dueAt, type Moment, readSchedule } from '@carillon/core/campaign/schedule';
import { readTimeZone } from '@carillon/core/recipient/time-zone';
import { ProblemError } from '@carillon/core/text/problem';
import { readAppTimeZone } from '@carillon/db/apps/apps';
import { compileFilter } from '@carillon/db/audiences/compile-filter';
import {
  type AudiencePage,
  emptyCampaign,
  readListed,
  readMatching,
  type ZoneMembers,
} from '@carillon/db/campaigns/audience-page';
import { emitCampaignEvent } from '@carillon/db/campaigns/emit-event';
import {
  type DueGroup,
  failCampaign,
  lockForFreeze,
  storePage,
  type WorkRow,
} from '@carillon/db/campaigns/launch';
import type { Sql, TransactionSql } from 'postgres';
import { filterOfAudience, resolveAudience } from '../audiences/resolve.ts';

/** Recipients frozen by one commit. */
export const PAGE = 20_000;

/**
 * Freezes the next page of a running campaign's audience: who is in it from now on gets the message, and who joins later
 * does not. Each page is a commit with the place where the next one begins, so that it goes on after a crash. Who cannot
 * be reached, or does not want it, is found out later.
 *
 * @param sql a pool for set statements.
 * @returns `more`, `frozen` when the audience is complete, `failed` if it cannot be, `busy` if another process is at it.
 */
export async function freezePage(
  sql: Sql,
  campaignId: string,
): Promise<'more' | 'frozen' | 'failed' | 'busy'> {
  return sql.begin(async (tx): Promise<'more' | 'frozen' | 'failed' | 'busy'> => {
    const campaign = await lockForFreeze(tx, campaignId);
    if (campaign === null) return 'busy';
    const moment = momentOf(campaign);
    if ('problem' in moment)
      return fail(tx, campaignId, `its schedule cannot be read: ${moment.problem.message}`);
    let page: AudiencePage;
    try {
      page = await readPage(tx, campaign);
    } catch (error) {
      // An audience that was deleted or broken since the review.
      if (error instanceof ProblemError) return fail(tx, campaignId, error.message);
      throw error;
    }
    const isLast = page.zones.reduce((sum, { ids }) => sum + ids.length, 0) < PAGE;
    const appZone = (await readAppTimeZone(tx, campaign.appId)) ?? 'UTC';
    const { groups, tooLate } = groupByMoment(page.zones, moment, campaign.startedAt!.getTime(), appZone);
    await storePage(tx, campaignId, { groups, tooLate, upto: page.upto, isLast });
    if (!isLast) return 'more';
    if (await emptyCampaign(tx, campaignId)) return fail(tx, campaignId, 'nobody belongs to its audience');
    return 'frozen';
  });
}

async function fail(tx: TransactionSql, id: string, reason: string): Promise<'failed'> {
  if (await failCampaign(tx, id, reason)) await emitCampaignEvent(tx, id, 'campaign.failed');
  return 'failed';
}

/** It was checked when the campaign was scheduled, and is read as it was then. */
function momentOf({ schedule, startsAt }: WorkRow) {
  return readSchedule(schedule ?? { in_recipient_time_zone: false, late: 'now' }, startsAt!.getTime());
}

async function readPage(tx: TransactionSql, campaign: WorkRow): Promise<AudiencePage> {
  const { appId, environment, definition, frozenUpto } = campaign;
  const { audience = {} } = definition;
  const tenant = { appId, environment };
  if (audience.recipient_ids) {
    const ids = [...new Set(audience.recipient_ids)]
      .filter((id) => frozenUpto === null || id > frozenUpto)
      .sort()
      .slice(0, PAGE);
    return readListed(tx, tenant, ids);
  }
  const target = await resolveAudience(tx, tenant, filterOfAudience(audience), { path: 'audience.filter' });
  const matches = compileFilter(tx, target.filter, { ...target, now: campaign.startedAt! });
  return readMatching(tx, tenant, matches, frozenUpto, PAGE);
}

/**
 * When each recipient is due. Each distinct zone is resolved once; a name that is not a zone means the app's, as the
 * review has said.
 */
function groupByMoment(
  zones: readonly ZoneMembers[],
  moment: Exclude<Moment, { problem: unknown }>,
  launchedMs: number,
  appZone: string,
): { groups: DueGroup[]; tooLate: string[] } {
  const idsByDue = new Map<number, string[]>();
  const tooLate: string[] = [];
  for (const { timeZone, ids } of zones) {
    const read = readTimeZone(timeZone ?? appZone);
    const due = dueAt(moment, 'zone' in read ? read.zone : appZone, launchedMs);
    const sameDue = due === null ? tooLate : (idsByDue.get(due) ?? []);
    for (const id of ids) sameDue.push(id);
    if (due !== null) idsByDue.set(due, sameDue);
  }
  const groups = [...idsByDue]
    .sort(([a], [b]) => a - b)
    .map(([due, recipientIds]) => ({ dueAt: new Date(due), recipientIds }));
  return { groups, tooLate };
}
