import { type Filter, refsOf } from '@carillon/core/audience/filter';
import type { ResolvedFilter } from '@carillon/core/audience/matches';
import { categoryName } from '@carillon/core/provider/visible-text';
import { ORDINARY_CATEGORY } from '@carillon/core/recipient/preferences';
import { ProblemError } from '@carillon/core/text/problem';
import {
  type AudienceRow,
  findAudiences,
  findCampaign,
  readCategoryRules,
} from '@carillon/db/audiences/audiences';
import type { CompileFacts } from '@carillon/db/audiences/compile-filter';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql, TransactionSql } from 'postgres';
import { refusedField } from '../context.ts';

/** Audiences that name audiences. */
const MAX_STEPS = 5;
/** Conditions of a filter and of all the audiences that it names. */
const MAX_CONDITIONS = 500;

/** A filter that can be compiled (`compileFilter`): what it names was looked up. */
export interface ResolvedAudience extends CompileFacts {
  filter: ResolvedFilter;
}

/**
 * Looks up what a filter names: the filters and lists behind audiences, and what the tenant says about categories.
 *
 * @param path of the filter in the request. A fault has the path of the node in it that names something.
 * @param memberPaths in place of it those of the members of an outermost `all`, which the request has apart.
 * @param within the key of the audience that the filter is of: it must not name itself, not even by others.
 * @throws ProblemError 422 `unknown_audience`, or `invalid_request` for a circle, for audiences that name each other in
 *   too many steps, and for too many conditions in all.
 */
export async function resolveAudience(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  filter: Filter,
  {
    path = 'filter',
    memberPaths,
    within,
  }: { path?: string; memberPaths?: readonly string[]; within?: string | undefined } = {},
): Promise<ResolvedAudience> {
  const rows = await readNamed(sql, tenant, filter);
  const budget = { left: MAX_CONDITIONS };
  const resolveAll = async (nodes: readonly Filter[], above: readonly string[], at: (n: number) => Place) => {
    const resolved: ResolvedFilter[] = [];
    for (const [n, each] of nodes.entries()) resolved.push(await resolve(each, above, at(n)));
    return resolved;
  };
  const resolve = async (node: Filter, above: readonly string[], place: Place): Promise<ResolvedFilter> => {
    const { path } = place;
    if ('all' in node) return { all: await resolveAll(node.all, above, (n) => place.at('all', n)) };
    if ('any' in node) return { any: await resolveAll(node.any, above, (n) => place.at('any', n)) };
    if ('not' in node) return { not: await resolve(node.not, above, place.at('not')) };
    budget.left -= 1;
    if (budget.left < 0)
      throw refusedField(
        path,
        `has more than ${MAX_CONDITIONS} conditions with those of the audiences that it names; make lists of some of them`,
      );
    if ('field' in node) return node;
    const name = 'audience' in node ? node.audience : `campaign ${node.campaign}`;
    const row = 'audience' in node ? rows.get(name) : undefined;
    if ('audience' in node && row === undefined) throw unknownAudience(name, path);
    if (above.includes(name))
      throw refusedField(
        path,
        `names audiences in a circle: ${[...above.slice(above.indexOf(name)), name].join(' -> ')}; take one of them out`,
      );
    const steps = [...above, name];
    if ('campaign' in node) {
      const campaign = await findCampaign(sql, tenant, node.campaign);
      if (campaign === null) throw unknownCampaign(node.campaign, path);
      if (node.is !== 'joined_since') return { campaign: node.campaign, is: node.is };
      if (!ENDED.includes(campaign.state))
        throw refusedField(
          path,
          `means those who joined since the campaign ${node.campaign}, which is ${campaign.state}; it can be used when the campaign has ended`,
        );
      assertSteps(steps, path);
      const theirs = filterOfAudience(campaign.definition.audience ?? { filter: { all: [] } });
      for (const [key, row] of await readNamed(sql, tenant, theirs)) rows.set(key, row);
      return { campaign: node.campaign, is: node.is, audience: await resolve(theirs, steps, fixed(path)) };
    }
    if (row!.filter === null) return { list: row!.id };
    assertSteps(steps, path);
    return resolve(row!.filter, steps, fixed(path));
  };
  const outermost = memberPaths === undefined ? placeOf(path) : ofMembers(memberPaths);
  const resolved = await resolve(filter, within === undefined ? [] : [within], outermost);
  const rules = namesCategory(resolved) ? await readCategoryRules(sql, tenant) : null;
  const byName = new Map([...(rules ?? [])].map(([name, rule]) => [categoryName(name), rule]));
  return {
    tenant,
    filter: resolved,
    ruleOf: (name) => byName.get(name) ?? byName.get('*') ?? ORDINARY_CATEGORY,
  };
}

/** Where a node stands in the request. */
interface Place {
  path: string;
  at(member: 'all' | 'any' | 'not', n?: number): Place;
}

const placeOf = (path: string): Place => ({
  path,
  at: (member, n) => placeOf(n === undefined ? `${path}.${member}` : `${path}.${member}.${n}`),
});
/** Nodes of another audience stand where the request names it. */
const fixed = (path: string): Place => ({ path, at: () => fixed(path) });
const ofMembers = (paths: readonly string[]): Place => ({
  path: paths[0]!,
  at: (_, n = 0) => placeOf(paths[n]!),
});

/** States of campaigns that make no more messages. */
const ENDED: readonly string[] = ['done', 'cancelled', 'failed'];

function assertSteps(steps: readonly string[], path: string): void {
  if (steps.length > MAX_STEPS)
    throw refusedField(
      path,
      `leads through more than ${MAX_STEPS} audiences that name each other: ${steps.join(' -> ')}; put their conditions together`,
    );
}

/** Whom a campaign or a request means, as a filter: one of the members was given, checked. */
export function filterOfAudience(given: {
  filter?: unknown;
  audience?: string | undefined;
  recipient_ids?: readonly string[] | undefined;
}): Filter {
  if (given.recipient_ids !== undefined) return { field: 'id', op: 'in', value: [...given.recipient_ids] };
  return given.audience === undefined ? (given.filter as Filter) : { audience: given.audience };
}

/** The audiences that a filter names, and those that their filters name, in a few look-ups. Not all of them may exist. */
async function readNamed(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  filter: Filter,
): Promise<Map<string, AudienceRow>> {
  const rows = new Map<string, AudienceRow>();
  let wanted = keysOf(filter);
  // One step more than allowed: the resolution then names the chain.
  for (let step = 0; wanted.length > 0 && step <= MAX_STEPS; step += 1) {
    const found = await findAudiences(sql, tenant, wanted);
    for (const row of found) rows.set(row.key, row);
    const next = new Set(found.flatMap(({ uses }) => uses));
    wanted = [...next].filter((key) => !rows.has(key));
  }
  return rows;
}

/** The keys of the audiences that a filter names itself. */
export function keysOf(filter: Filter): string[] {
  return refsOf(filter).flatMap((ref) => ('audience' in ref ? [ref.audience] : []));
}

function namesCategory(filter: ResolvedFilter): boolean {
  if ('all' in filter) return filter.all.some(namesCategory);
  if ('any' in filter) return filter.any.some(namesCategory);
  if ('not' in filter) return namesCategory(filter.not);
  if ('campaign' in filter) return filter.is === 'joined_since' && namesCategory(filter.audience);
  return 'field' in filter && filter.field.startsWith('category.');
}

function unknownAudience(key: string, path: string): ProblemError {
  const message = `there is no audience ${JSON.stringify(key)} in this app and environment; GET /v1/audiences lists them`;
  return new ProblemError('unknown_audience', `${path}: ${message}`, { errors: [{ path, message }] });
}

function unknownCampaign(id: string, path: string): ProblemError {
  return refusedField(path, `there is no campaign ${id} in this app and environment`);
}
