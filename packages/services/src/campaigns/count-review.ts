import type { CampaignDefinition } from '@carillon/core/campaign/campaign';
import { reachableOf } from '@carillon/core/campaign/problems';
import type { ReviewResult } from '@carillon/core/campaign/review';
import { requestHash } from '@carillon/core/notification/request-hash';
import { categoryName } from '@carillon/core/provider/visible-text';
import { ORDINARY_CATEGORY } from '@carillon/core/recipient/preferences';
import { missingVariables } from '@carillon/core/template/syntax/required-variables';
import { compileFilter } from '@carillon/db/audiences/compile-filter';
import type { CampaignRow } from '@carillon/db/campaigns/campaigns';
import { countReview, type NeededVariable } from '@carillon/db/campaigns/count-review';
import type { Tenant } from '@carillon/db/connection/tenant';
import { getCategory } from '@carillon/db/preferences/categories';
import type { Sql, TransactionSql } from 'postgres';
import { filterOfAudience, type ResolvedAudience, resolveAudience } from '../audiences/resolve.ts';
import { type CampaignText, textsOf } from './check-definition.ts';

/** What a review is of: the campaign with what it names, as it is now. */
export interface ReviewSubject {
  campaign: CampaignRow;
  texts: CampaignText[];
  target: ResolvedAudience;
  /** Changes with content, audience, template versions and the filters of saved audiences; not with people. */
  fingerprint: string;
}

/**
 * Looks up what a complete campaign names (`assertComplete`).
 *
 * @throws ProblemError 422 for what is not there any more.
 */
export async function reviewSubject(
  sql: Sql | TransactionSql,
  campaign: CampaignRow,
): Promise<ReviewSubject> {
  const { definition, expiresAt } = campaign;
  const texts = await textsOf(sql, campaign, definition);
  const audience = definition.audience!;
  const path =
    audience.recipient_ids !== undefined
      ? 'audience.recipient_ids'
      : audience.filter === undefined
        ? 'audience.audience'
        : 'audience.filter';
  const target = await resolveAudience(sql, campaign, filterOfAudience(audience), { path });
  const versions = texts.map(({ key, template }) => [key, template?.id ?? null, template?.version ?? 0]);
  const fingerprint = requestHash([definition, expiresAt?.toISOString() ?? null, versions, target.filter])
    .toString('hex')
    .slice(0, 32);
  return { campaign, texts, target, fingerprint };
}

/**
 * Counts whom a campaign would reach.
 *
 * @param sets a pool for set statements.
 * @param timeoutMs of the statement, in milliseconds; it then fails with 57014 (query_canceled).
 */
export async function countSubject(
  sets: Sql,
  { campaign, texts, target }: ReviewSubject,
  timeoutMs: number,
): Promise<ReviewResult> {
  const { definition } = campaign;
  const { route, category = null } = definition;
  const result = await sets.begin(async (tx) => {
    await tx`
      select set_config('statement_timeout', ${String(timeoutMs)}, true), set_config('work_mem', ${WORK_MEM}, true)`;
    const rule = await ruleOf(tx, campaign, category);
    return countReview(tx, {
      tenant: campaign,
      audience: compileFilter(tx, target.filter, target),
      route,
      category,
      rule,
      needed: neededVariables(texts, definition),
    });
  });
  return { ...result, ends_at: endsAt(campaign, reachableOf(result), Date.now()) };
}

/** One statement at a time joins a whole audience: without this its hashes go to disk. */
const WORK_MEM = '64MB';

/** When the last message would be made at the chosen rate, RFC 3339; null without a throttle. */
export function endsAt(
  { throttlePerMinute, startsAt }: Pick<CampaignRow, 'throttlePerMinute' | 'startsAt'>,
  reachable: number,
  now: number,
): string | null {
  if (throttlePerMinute === null) return null;
  const begins = Math.max(now, startsAt?.getTime() ?? now);
  return new Date(begins + Math.ceil((reachable / throttlePerMinute) * 60_000)).toISOString();
}

/** The variables that the texts print and the campaign's own data does not have, and where recipients have them. */
export function neededVariables(
  texts: readonly CampaignText[],
  { data, variables, route }: CampaignDefinition,
): NeededVariable[] {
  const required = new Set(
    texts.flatMap(({ template }) =>
      (template?.texts ?? []).flatMap(({ channel, requiredVariables }) =>
        route.includes(channel) ? requiredVariables : [],
      ),
    ),
  );
  return missingVariables(required, data).map((name) => {
    const from = Object.keys(variables).find(
      (variable) => name === variable || name.startsWith(`${variable}.`),
    );
    if (from === undefined) return { name, path: null };
    const inside = name.slice(from.length + 1);
    return { name, path: [...variables[from]!.split('.'), ...(inside === '' ? [] : inside.split('.'))] };
  });
}

async function ruleOf(tx: TransactionSql, tenant: Tenant, category: string | null) {
  if (category === null) return ORDINARY_CATEGORY;
  return (
    (await getCategory(tx, tenant, categoryName(category))) ??
    (await getCategory(tx, tenant, '*')) ??
    ORDINARY_CATEGORY
  );
}
