import type { ReviewResult } from '@carillon/core/campaign/review';
import type { Channel } from '@carillon/core/notification/channel';
import { categoryName } from '@carillon/core/provider/visible-text';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import type { Sql, TransactionSql } from 'postgres';
import type { Fragment } from '../audiences/compile-time.ts';
import type { Tenant } from '../connection/tenant.ts';

/** A variable that the texts print and the campaign's own data does not have. */
export interface NeededVariable {
  name: string;
  /** Where recipients have it, as names: `attributes`, `first_name`. Null: nobody has it. */
  path: readonly string[] | null;
}

export interface ReviewQuestion {
  tenant: Tenant;
  /** Selects the audience from recipients `r` (`compileFilter`). */
  audience: Fragment;
  route: readonly Channel[];
  category: string | null;
  /** What the app says about the category. */
  rule: CategoryRule;
  needed: readonly NeededVariable[];
}

/**
 * Counts whom a campaign would reach, in one statement and one snapshot: each recipient of the audience is reachable by
 * the first channel of the route that has an address which is not suppressed and whose messages they want, or is
 * without a contact point, opted out, or suppressed. Missing variables are counted of all, quiet hours of those who are
 * reachable.
 *
 * The hash of an address (core/recipient/suppression) is computed here; addresses that an early release stored in
 * another spelling than the canonical one are looked up by that spelling only.
 */
export async function countReview(
  sql: Sql | TransactionSql,
  question: ReviewQuestion,
): Promise<Omit<ReviewResult, 'ends_at'>> {
  const { tenant, audience, route, category, needed } = question;
  const { appId, environment } = tenant;
  const has = (channel: Channel): Fragment =>
    channel === 'in_app' ? sql`true` : sql`coalesce(c.${sql(`has_${channel}`)}, false)`;
  const isFree = (channel: Channel): Fragment =>
    channel === 'in_app' ? sql`true` : sql`coalesce(c.${sql(`free_${channel}`)}, false)`;
  const cases = route.map(
    (channel) => sql`when ${isFree(channel)} and ${wants(sql, question, channel)} then ${channel}`,
  );
  const anyOf = (each: (channel: Channel) => Fragment) =>
    route.map(each).reduce((all, one) => sql`${all} or ${one}`);
  const missing = needed.map(({ path }, n) => sql`, ${isMissing(sql, path)} as ${sql(`missing_${n}`)}`);
  const missingCounts = needed.map((_, n) => sql`, count(*) filter (where ${sql(`missing_${n}`)})::float8`);
  const names = needed.map((_, n) => `n${n}`);
  const [row] = await sql<[Record<string, number>]>`
    with zones as materialized (
      select lower(name) as name, to_char(now() at time zone name, 'HH24:MI') as clock from pg_timezone_names
    ), people as materialized (
      select r.id, r.locale, r.time_zone, r.attributes from recipients r
      where r.app_id = ${appId} and r.environment = ${environment} and ${audience}
    ), points as (
      select p.recipient_id, a.channel, s.address_hash is null as free
      from people
      join contact_points p
        on p.app_id = ${appId} and p.environment = ${environment} and p.recipient_id = people.id and p.disabled_at is null
      cross join lateral (
        select case p.kind when 'email' then 'email' when 'phone' then 'sms' else 'push' end as channel,
          case p.kind when 'email' then lower(p.address) else p.address end as address
      ) a
      left join suppressions s
        on s.app_id = ${appId} and s.environment = ${environment} and s.channel = a.channel
          and s.address_hash = sha256(convert_to(
            ${`${appId.length}:${appId};`}::text || length(a.channel) || ':' || a.channel || ';'
              || ${utf16Length(sql)} || ':' || a.address || ';', 'UTF8'
          ))
      where a.channel = any (${route as Channel[]}::text[])
    ), c as (
      select recipient_id,
        bool_or(channel = 'email') as has_email, bool_or(channel = 'email' and free) as free_email,
        bool_or(channel = 'sms') as has_sms, bool_or(channel = 'sms' and free) as free_sms,
        bool_or(channel = 'push') as has_push, bool_or(channel = 'push' and free) as free_push
      from points group by recipient_id
    ), wishes as materialized (
      select w.recipient_id, w.channels, w.quiet_hours, w.paused_until, ${saidOf(sql, category)} as said
      from user_preferences w
      where w.app_id = ${appId} and w.environment = ${environment}
    ), judged as (
      select case ${cases.reduce((all, one) => sql`${all} ${one}`)} end as reached,
        not (${anyOf(has)}) as without, (${anyOf(isFree)}) as free,
        coalesce(w.paused_until > now() or ${isQuiet(sql)}, false) as quiet,
        r.time_zone is null or own.name is null as zoneless
        ${missing.length === 0 ? sql`` : missing.reduce((all, one) => sql`${all}${one}`)}
      from people r
      left join c on c.recipient_id = r.id
      left join wishes w on w.recipient_id = r.id
      left join zones own on own.name = lower(r.time_zone)
      left join zones z on z.name = lower(w.quiet_hours ->> 'time_zone')
    )
    select n.* from (
      select count(*)::float8,
        count(*) filter (where reached = 'email')::float8, count(*) filter (where reached = 'sms')::float8,
        count(*) filter (where reached = 'push')::float8, count(*) filter (where reached = 'in_app')::float8,
        count(*) filter (where reached is null and not without and not free)::float8,
        count(*) filter (where reached is null and free)::float8,
        count(*) filter (where without)::float8,
        count(*) filter (where reached is not null and quiet)::float8,
        count(*) filter (where zoneless)::float8
        ${missingCounts.length === 0 ? sql`` : missingCounts.reduce((all, one) => sql`${all}${one}`)}
      from judged
    ) as n (
      matched, email, sms, push, in_app, suppressed, opted_out, no_contact_point, quiet_now, unknown_zone
      ${names.length === 0 ? sql`` : sql`, ${sql(names)}`}
    )`;
  const of = (name: string): number => row[name] ?? 0;
  return {
    matched: of('matched'),
    reachable: Object.fromEntries(route.map((channel) => [channel, of(channel)])),
    suppressed: of('suppressed'),
    opted_out: of('opted_out'),
    no_contact_point: of('no_contact_point'),
    missing_variable: Object.fromEntries(
      needed.flatMap(({ name }, n) => (of(`n${n}`) > 0 ? [[name, of(`n${n}`)]] : [])),
    ),
    quiet_now: of('quiet_now'),
    unknown_zone: of('unknown_zone'),
  };
}

/** JavaScript counts characters beyond U+FFFF twice, and so does the hash. */
const utf16Length = (sql: Sql | TransactionSql): Fragment => sql`
  case when octet_length(a.address) = length(a.address) then length(a.address)
    else length(a.address) + length(regexp_replace(a.address, '[\\u0001-\\uffff]', '', 'g')) end`;

/** What a row `w` of the preferences says about a category (`wishFor` of core/recipient/preferences). */
function saidOf(sql: Sql | TransactionSql, category: string | null): Fragment {
  if (category === null) return sql`null::jsonb`;
  const name = categoryName(category);
  // Rows of earlier releases have names in other cases.
  return sql`coalesce(w.categories -> ${name}::text, (
    select case when bool_or(e.value = 'false'::jsonb) then 'false'::jsonb
      else coalesce((array_agg(e.value) filter (where jsonb_typeof(e.value) = 'object'))[1], 'true'::jsonb) end
    from jsonb_each(w.categories) e where lower(e.key) = ${name} having count(*) > 0
  ))`;
}

/** As `decide` of core/recipient/preferences does it for a message that is not critical; `w` has the preferences. */
function wants(
  sql: Sql | TransactionSql,
  { category, rule }: Pick<ReviewQuestion, 'category' | 'rule'>,
  channel: Channel,
): Fragment {
  const isOn = sql`coalesce(w.channels -> ${channel}::text <> 'false'::jsonb, true)`;
  if (category === null) return isOn;
  const cell = sql`case when jsonb_typeof(w.said) = 'object' then w.said -> ${channel}::text end`;
  if (rule.locked) return sql`(${isOn} or coalesce(${cell} = 'true'::jsonb, false))`;
  return sql`case
    when ${cell} is not null then ${cell} = 'true'::jsonb
    when w.said = 'false'::jsonb or not ${isOn} then false
    when w.said = 'true'::jsonb then true
    else ${rule.defaultOn}
  end`;
}

/** Local times are compared as texts, `HH:MM`; an end before the start lies on the next day. */
const isQuiet = (sql: Sql | TransactionSql): Fragment => sql`
  case when w.quiet_hours ->> 'start' <= w.quiet_hours ->> 'end'
    then z.clock >= w.quiet_hours ->> 'start' and z.clock < w.quiet_hours ->> 'end'
    else z.clock >= w.quiet_hours ->> 'start' or z.clock < w.quiet_hours ->> 'end'
  end`;

function isMissing(sql: Sql | TransactionSql, path: readonly string[] | null): Fragment {
  if (path === null) return sql`true`;
  const [root, ...rest] = path;
  if (root === 'attributes')
    return sql`coalesce(jsonb_typeof(r.attributes #> ${rest}::text[]), 'null') = 'null'`;
  if (rest.length > 0) return sql`true`;
  return root === 'id' ? sql`false` : sql`r.${sql(root === 'locale' ? 'locale' : 'time_zone')} is null`;
}
