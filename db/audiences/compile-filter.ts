import {
  type Condition,
  type Field,
  type FilterOp,
  type FilterValue,
  fieldOf,
  negatedOp,
} from '@carillon/core/audience/filter';
import type { ResolvedFilter } from '@carillon/core/audience/matches';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import { compileAttribute } from './compile-attribute.ts';
import { compileCampaignPart } from './compile-campaign-part.ts';
import { compileTime, type Fragment } from './compile-time.ts';

export interface CompileFacts {
  tenant: Tenant;
  /** What the tenant says about a category; of one without settings, what holds for it. */
  ruleOf(category: string): CategoryRule;
  /** The moment that `within_days` counts from; default: that of the transaction. */
  now?: Date | undefined;
}

/**
 * A filter as a condition on a row `r` of `recipients`: parameterised, true or false and never null, and without a cast
 * that could fail on what a recipient has. It selects exactly those whom `matches` (core/audience) selects.
 *
 * It says nothing about the tenant of `r`: the statement around it does, and names both its parts.
 */
export function compileFilter(sql: Reader, filter: ResolvedFilter, facts: CompileFacts): Fragment {
  if ('all' in filter) return joined(sql, filter.all, sql` and `, sql`true`, facts);
  if ('any' in filter) return joined(sql, filter.any, sql` or `, sql`false`, facts);
  if ('not' in filter) return sql`not ${compileFilter(sql, filter.not, facts)}`;
  if ('list' in filter)
    return sql`exists (
      select from audience_members m where m.audience_id = ${filter.list} and m.recipient_id = r.id
    )`;
  if ('campaign' in filter)
    return compileCampaignPart(sql, filter, facts.tenant, (audience) => compileFilter(sql, audience, facts));
  const positive = negatedOp(filter.op);
  const field = fieldOf(filter.field);
  if (field === null) return sql`false`;
  const condition = compileCondition(sql, field, positive ?? filter.op, filter.value, facts);
  return positive === null ? condition : sql`not ${condition}`;
}

function joined(
  sql: Reader,
  members: readonly ResolvedFilter[],
  by: Fragment,
  ofNone: Fragment,
  facts: CompileFacts,
): Fragment {
  const [first, ...rest] = members.map((member) => compileFilter(sql, member, facts));
  if (first === undefined) return ofNone;
  return sql`(${rest.reduce((all, each) => sql`${all}${by}${each}`, first)})`;
}

function compileCondition(
  sql: Reader,
  field: Field,
  op: FilterOp,
  value: Condition['value'],
  facts: CompileFacts,
): Fragment {
  switch (field.kind) {
    case 'text':
      if (field.column === 'id') return op === 'exists' ? sql`true` : ofText(sql, sql`r.id`, op, value);
      return op === 'exists'
        ? sql`(r.${sql(field.column)} is not null)`
        : sql`(${ofText(sql, sql`lower(r.${sql(field.column)})`, op, lowered(value))} is true)`;
    case 'email':
      return hasPoint(
        sql,
        facts,
        op === 'exists'
          ? sql`p.kind = 'email'`
          : sql`p.kind = 'email' and ${ofText(sql, sql`lower(p.address)`, op, lowered(value))}`,
      );
    case 'phone':
      return hasPoint(
        sql,
        facts,
        op === 'exists'
          ? sql`p.kind = 'phone'`
          : sql`p.kind = 'phone' and ${ofText(sql, sql`p.address`, op, value)}`,
      );
    case 'push':
      return hasPoint(sql, facts, sql`p.kind in ('fcm', 'apns', 'web_push')`);
    case 'time':
      return compileTime(sql, sql`r.created_at`, op, value as string | number, facts.now);
    case 'category':
      return ofCategory(sql, field.name, value as boolean, facts);
    case 'attribute':
      return compileAttribute(sql, field.path, op, value, facts.now);
  }
}

function ofText(sql: Reader, own: Fragment, op: FilterOp, value: Condition['value']): Fragment {
  if (op === 'in') return sql`(${own} = any (${value as string[]}::text[]))`;
  if (op === 'contains') return sql`(strpos(${own}, ${value as string}) > 0)`;
  if (op === 'starts_with') return sql`starts_with(${own}, ${value as string})`;
  return sql`(${own} = ${value as string})`;
}

/** As ASCII does it: these are addresses, tags and names of zones. */
function lowered(value: Condition['value']): Condition['value'] {
  if (Array.isArray(value)) return value.map((each) => lowered(each) as FilterValue);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** Has an enabled contact point. */
function hasPoint(sql: Reader, { tenant }: CompileFacts, condition: Fragment): Fragment {
  return sql`exists (
    select from contact_points p
    where p.app_id = ${tenant.appId} and p.environment = ${tenant.environment} and p.recipient_id = r.id
      and p.disabled_at is null and ${condition}
  )`;
}

/**
 * Whether people get a category (`getsCategory` of core/audience). The settings of the category are known here, so the
 * statement looks only for those who said something else than its default.
 */
function ofCategory(sql: Reader, name: string, wanted: boolean, facts: CompileFacts): Fragment {
  const { defaultOn, locked } = facts.ruleOf(name);
  if (locked) return wanted ? sql`true` : sql`false`;
  const { appId, environment } = facts.tenant;
  // Rows of earlier releases have names in other cases: an opt-out among them counts.
  const said = sql`coalesce(w.categories -> ${name}::text, (
    select case when bool_or(e.value = 'false'::jsonb) then 'false'::jsonb
      else coalesce((jsonb_agg(e.value) filter (where jsonb_typeof(e.value) = 'object')) -> 0, 'true') end
    from jsonb_each(w.categories) e where lower(e.key) = ${name} having count(*) > 0
  ))`;
  const otherwise = defaultOn
    ? sql`(${said} = 'false'::jsonb or jsonb_typeof(${said}) = 'object'
        and ${said} @> '{"email": false, "sms": false, "push": false, "in_app": false}')`
    : sql`(${said} = 'true'::jsonb or jsonb_path_exists(${said}, 'strict $.* ? (@ == true)', '{}', true))`;
  const exists = sql`exists (
    select from user_preferences w
    where w.app_id = ${appId} and w.environment = ${environment} and w.recipient_id = r.id and ${otherwise}
  )`;
  return wanted === defaultOn ? sql`not ${exists}` : exists;
}
