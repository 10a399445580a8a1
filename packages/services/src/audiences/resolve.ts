import { type Filter, refsOf } from '@carillon/core/audience/filter';
import type { ResolvedFilter } from '@carillon/core/audience/matches';
import { categoryName } from '@carillon/core/provider/visible-text';
import { ORDINARY_CATEGORY } from '@carillon/core/recipient/preferences';
import { ProblemError } from '@carillon/core/text/problem';
import { type AudienceRow, findAudiences, readCategoryRules } from '@carillon/db/audiences/audiences';
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
 * @param path of the filter in the request, for the faults.
 * @param within the key of the audience that the filter is of: it must not name itself, not even by others.
 * @throws ProblemError 422 `unknown_audience`, or `invalid_request` for a circle, for audiences that name each other in
 *   too many steps, and for too many conditions in all.
 */
export async function resolveAudience(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  filter: Filter,
  { path = 'filter', within }: { path?: string; within?: string | undefined } = {},
): Promise<ResolvedAudience> {
  const rows = await readNamed(sql, tenant, filter, path);
  const budget = { left: MAX_CONDITIONS };
  const resolve = (node: Filter, above: readonly string[]): ResolvedFilter => {
    if ('all' in node) return { all: node.all.map((each) => resolve(each, above)) };
    if ('any' in node) return { any: node.any.map((each) => resolve(each, above)) };
    if ('not' in node) return { not: resolve(node.not, above) };
    budget.left -= 1;
    if (budget.left < 0)
      throw refusedField(
        path,
        `has more than ${MAX_CONDITIONS} conditions with those of the audiences that it names; make lists of some of them`,
      );
    if ('campaign' in node) throw unknownCampaign(node.campaign, path);
    if (!('audience' in node)) return node;
    const { audience: key } = node;
    if (above.includes(key))
      throw refusedField(
        path,
        `names audiences in a circle: ${[...above.slice(above.indexOf(key)), key].join(' -> ')}; take one of them out`,
      );
    const row = rows.get(key);
    if (row === undefined) throw unknownAudience(key, path);
    if (row.filter === null) return { list: row.id };
    if (above.length >= MAX_STEPS)
      throw refusedField(
        path,
        `leads through more than ${MAX_STEPS} audiences that name each other: ${[...above, key].join(' -> ')}; put their conditions together`,
      );
    return resolve(row.filter, [...above, key]);
  };
  const resolved = resolve(filter, within === undefined ? [] : [within]);
  const rules = namesCategory(resolved) ? await readCategoryRules(sql, tenant) : null;
  const byName = new Map([...(rules ?? [])].map(([name, rule]) => [categoryName(name), rule]));
  return {
    tenant,
    filter: resolved,
    ruleOf: (name) => byName.get(name) ?? byName.get('*') ?? ORDINARY_CATEGORY,
  };
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

/** The audiences that a filter names, and those that their filters name, in a few look-ups. */
async function readNamed(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  filter: Filter,
  path: string,
): Promise<Map<string, AudienceRow>> {
  const rows = new Map<string, AudienceRow>();
  let wanted = keysOf(filter);
  // One step more than allowed: the resolution then names the chain.
  for (let step = 0; wanted.length > 0 && step <= MAX_STEPS; step += 1) {
    const found = await findAudiences(sql, tenant, wanted);
    for (const row of found) rows.set(row.key, row);
    const missing = wanted.find((key) => !rows.has(key));
    if (missing !== undefined) throw unknownAudience(missing, path);
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
  return 'field' in filter && filter.field.startsWith('category.');
}

function unknownAudience(key: string, path: string): ProblemError {
  const message = `there is no audience ${JSON.stringify(key)} in this app and environment; GET /v1/audiences lists them`;
  return new ProblemError('unknown_audience', `${path}: ${message}`, { errors: [{ path, message }] });
}

function unknownCampaign(id: string, path: string): ProblemError {
  return refusedField(path, `there is no campaign ${id} in this app and environment`);
}
