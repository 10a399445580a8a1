import type { ResolvedFilter } from '@carillon/core/audience/matches';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { Sql, TransactionSql } from 'postgres';
import { type CompileFacts, compileFilter } from './compile-filter.ts';
import type { Fragment } from './compile-time.ts';

/** Why recipients cannot be reached by a channel: the first of these that holds, in the order of core/reachability. */
export interface Unreachable {
  opted_out: number;
  no_address: number;
  /** All their addresses are disabled. */
  disabled: number;
  suppressed: number;
}

export interface AudienceCount {
  count: number;
  reachable: Record<Channel, number>;
  unreachable: Record<Channel, Unreachable>;
}

export interface CountedAudience extends CompileFacts {
  filter: ResolvedFilter;
}

/** How many recipients belong to an audience, exactly. For the pool of set statements. */
export async function countExactly(sql: Sql, audience: CountedAudience): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from recipients r where ${ofAudience(sql, audience)}`;
  return row!.count;
}

/**
 * The same, and by which channels they can be reached, as of one moment. For the pool of set statements: what a filter
 * selects cannot be estimated by PostgreSQL, and a nested loop over a guess of one row would run for hours.
 */
export async function countReachable(sql: Sql, audience: CountedAudience): Promise<AudienceCount> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    await tx`set local enable_nestloop = off`;
    await tx`set local work_mem = '64MB'`;
    return countOf(tx, audience, tx`recipients r`);
  }) as Promise<AudienceCount>;
}

/** Recipients that are looked at for an estimate. */
const SAMPLE = 20_000;

/**
 * An estimate from a random sample of pages of the table; exact if the tenant has no more recipients than a sample. Reads a
 * bounded number of rows by look-ups: for the ordinary pool.
 */
export async function estimateAudience(sql: Sql, audience: CountedAudience): Promise<AudienceCount> {
  const { appId, environment } = audience.tenant;
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const [size] = await tx<{ own: number; rows: number }[]>`
      select (
          select count(*)::int from (
            select from recipients where app_id = ${appId} and environment = ${environment} limit ${SAMPLE + 1}
          ) as bounded
        ) as own, (select reltuples from pg_class where oid = 'recipients'::regclass) as rows`;
    if (size!.own <= SAMPLE) return countOf(tx, audience, tx`recipients r`);
    // A table that was never analysed has at least these.
    const percent = Math.min(100, (100 * SAMPLE) / Math.max(size!.rows, size!.own));
    const sampled = await countOf(
      tx,
      audience,
      tx`recipients r tablesample system (${percent}::real) repeatable (${Math.floor(Math.random() * 1e6)}::int)`,
    );
    return scaled(sampled, 100 / percent);
  }) as Promise<AudienceCount>;
}

function ofAudience(sql: Sql | TransactionSql, audience: CountedAudience): Fragment {
  const { appId, environment } = audience.tenant;
  return sql`r.app_id = ${appId} and r.environment = ${environment} and ${compileFilter(sql, audience.filter, audience)}`;
}

/** @param from `recipients r`, or a repeatable sample of it. */
async function countOf(
  tx: TransactionSql,
  audience: CountedAudience,
  from: Fragment,
): Promise<AudienceCount> {
  const { appId, environment } = audience.tenant;
  const [total] = await tx<{ count: number }[]>`
    select count(*)::int as count from ${from} where ${ofAudience(tx, audience)}`;
  const optedOut = await tx<{ channel: Channel; n: number }[]>`
    select e.key as channel, count(*)::int as n
    from ${from} join user_preferences w
      on w.app_id = ${appId} and w.environment = ${environment} and w.recipient_id = r.id
    cross join lateral jsonb_each(w.channels) e
    where ${ofAudience(tx, audience)} and e.value = 'false'
    group by e.key`;
  const points = await tx<{ channel: Channel; ok: number; disabled: number; suppressed: number }[]>`
    select q.channel, count(*) filter (where q.ok)::int as ok,
      count(*) filter (where not q.ok and not q.is_on and not q.all_suppressed)::int as disabled,
      count(*) filter (where not q.ok and (q.is_on or q.all_suppressed))::int as suppressed
    from (
      select p.recipient_id, c.channel, bool_or(p.disabled_at is null) as is_on,
        bool_or(p.disabled_at is null and s.address_hash is null) as ok, bool_and(s.address_hash is not null) as all_suppressed
      from ${from} join contact_points p
        on p.app_id = ${appId} and p.environment = ${environment} and p.recipient_id = r.id
      cross join lateral (values (case p.kind when 'email' then 'email' when 'phone' then 'sms' else 'push' end)) as c (channel)
      left join suppressions s on s.app_id = ${appId} and s.environment = ${environment} and s.channel = c.channel
        and s.address_hash = ${hashOf(tx, appId, tx`c.channel`, tx`case p.kind when 'email' then lower(p.address) else p.address end`)}
      left join user_preferences w on w.app_id = ${appId} and w.environment = ${environment}
        and w.recipient_id = p.recipient_id and w.channels -> c.channel = 'false'
      where ${ofAudience(tx, audience)} and w.recipient_id is null
      group by p.recipient_id, c.channel
    ) q
    group by q.channel`;
  const [inbox] = await tx<{ n: number }[]>`
    select count(*)::int as n from suppressions where app_id = ${appId} and environment = ${environment} and channel = 'in_app'`;
  const inboxSuppressed = inbox!.n === 0 ? 0 : await countSuppressedInboxes(tx, audience, from);
  const result = { count: total!.count, reachable: {}, unreachable: {} } as AudienceCount;
  for (const channel of CHANNELS) {
    const opted_out = optedOut.find((row) => row.channel === channel)?.n ?? 0;
    const own = points.find((row) => row.channel === channel) ?? { ok: 0, disabled: 0, suppressed: 0 };
    const { disabled } = own;
    const suppressed = channel === 'in_app' ? inboxSuppressed : own.suppressed;
    const ok = channel === 'in_app' ? result.count - opted_out - suppressed : own.ok;
    const no_address = result.count - opted_out - ok - disabled - suppressed;
    result.reachable[channel] = ok;
    result.unreachable[channel] = { opted_out, no_address, disabled, suppressed };
  }
  return result;
}

async function countSuppressedInboxes(
  tx: TransactionSql,
  audience: CountedAudience,
  from: Fragment,
): Promise<number> {
  const { appId, environment } = audience.tenant;
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n
    from ${from} join suppressions s on s.app_id = ${appId} and s.environment = ${environment} and s.channel = 'in_app'
      and s.address_hash = ${hashOf(tx, appId, tx`'in_app'`, tx`r.id`)}
    where ${ofAudience(tx, audience)} and not exists (
      select from user_preferences w
      where w.app_id = ${appId} and w.environment = ${environment} and w.recipient_id = r.id
        and w.channels -> 'in_app' = 'false'
    )`;
  return row!.n;
}

/**
 * `addressHash` of core/suppression in SQL, for addresses in the spelling in which they are stored. Lengths are those of
 * UTF-16: a character beyond U+FFFF, which takes 4 bytes, counts twice.
 */
function hashOf(tx: TransactionSql, appId: string, channel: Fragment, address: Fragment): Fragment {
  const length = tx`(case when octet_length(${address}) = length(${address}) then length(${address})
    else 2 * length(${address}) - length(regexp_replace(${address}, '[\\U00010000-\\U0010FFFF]', '', 'g')) end)`;
  return tx`sha256(convert_to(
    ${`${appId.length}:${appId};`} || length(${channel}) || ':' || ${channel} || ';' || ${length} || ':' || ${address} || ';',
    'UTF8'
  ))`;
}

function scaled(count: AudienceCount, by: number): AudienceCount {
  const of = <Numbers extends object>(numbers: Numbers): Numbers =>
    Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, Math.round(n * by)])) as Numbers;
  return {
    count: Math.round(count.count * by),
    reachable: of(count.reachable),
    unreachable: Object.fromEntries(CHANNELS.map((each) => [each, of(count.unreachable[each])])) as Record<
      Channel,
      Unreachable
    >,
  };
}
