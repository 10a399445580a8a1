import { RARE_STATES } from '@carillon/core/notification/states';
import type { PendingQuery, Row } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import {
  floorOf,
  listed,
  type NotificationFilter,
  type OneOrMore,
  type Position,
  type Range,
  rangeOf,
  sourcesFor,
  type Walk,
} from './notification-sources.ts';

export interface NotificationPage<T> {
  rows: T[];
  /** Where the next page begins; null if there is nothing older. */
  next: Position | null;
}

type Fragment = PendingQuery<Row[]>;

/** How many entries of an index a page scans before it ends, however few matched. */
export const SCAN_LIMIT = 20_000;
/** The first scan, as a multiple of the rows wanted: most lists find what they want among the newest. */
const FIRST_SCAN = 4;

/**
 * One page of notifications, newest first, by keyset. No page reads the whole table: it walks an index that has the
 * order of time (of the app, of a recipient, of an address), scans at most `scanLimit` entries, and ends there even if
 * few or none of them matched; `next` continues behind them. So a short or empty page is not necessarily the last. A
 * state that few notifications have has an index of its own and is always answered completely.
 *
 * @param tenant null for all apps (the dashboard).
 * @param limit rows wanted at most.
 * @param select the statement around the page: it must join `page` (id, "createdAt") to `notifications n` and keep its
 *   order. `position` are the columns `position` and `id` that a row must have for the cursor.
 */
export async function findNotifications<T extends { id: string; position: string }>(
  sql: Reader,
  tenant: Tenant | null,
  filter: NotificationFilter,
  limit: number,
  select: (page: Fragment) => PendingQuery<T[]>,
  scanLimit = SCAN_LIMIT,
): Promise<NotificationPage<T>> {
  const { walks, recipientIds } = await sourcesFor(sql, tenant, filter);
  const matches = conditions(sql, tenant, filter, recipientIds);
  const found: T[] = [];
  let before = filter.before;
  // One more than wanted shows whether there is an older one.
  for (const scan of [FIRST_SCAN * (limit + 1), scanLimit]) {
    const range = { ...filter, before };
    const floor: Position | null = await floorOf(sql, walks, range, Math.min(scan, scanLimit));
    const rows: T[] = await select(page(sql, walks, range, floor, matches, limit + 1 - found.length));
    found.push(...rows);
    if (found.length > limit) {
      const last = found[limit - 1]!;
      return { rows: found.slice(0, limit), next: { createdAt: last.position, id: last.id } };
    }
    if (floor === null) return { rows: found, next: null };
    before = floor;
  }
  return { rows: found, next: before ?? null };
}

/**
 * How many notifications match, by the same walks, until the time is up.
 *
 * @param withinMs after which it ends with what it has counted.
 * @returns `isComplete` is false if older ones were not looked at.
 */
export async function countNotifications(
  sql: Reader,
  tenant: Tenant | null,
  filter: NotificationFilter,
  withinMs: number,
  scanLimit = SCAN_LIMIT,
): Promise<{ count: number; isComplete: boolean }> {
  const { walks, recipientIds } = await sourcesFor(sql, tenant, filter);
  const matches = conditions(sql, tenant, filter, recipientIds);
  const endAt = performance.now() + withinMs;
  let count = 0;
  let before = filter.before;
  do {
    const range = { ...filter, before };
    const floor: Position | null = await floorOf(sql, walks, range, scanLimit);
    const [row]: { count: number }[] = await sql<{ count: number }[]>`
      select count(*)::int as count from ${page(sql, walks, range, floor, matches, MOST_COUNTED)} page`;
    count += row!.count;
    if (floor === null) return { count, isComplete: true };
    before = floor;
  } while (performance.now() < endAt);
  return { count, isComplete: false };
}

/** More than one scan can find. */
const MOST_COUNTED = 2_147_483_647;

/**
 * Each walk is fenced (`offset 0`): with the filters inside, the planner might take another index and read all of it.
 */
function page(
  sql: Reader,
  walks: readonly Walk[],
  range: Range,
  floor: Position | null,
  matches: Fragment,
  limit: number,
): Fragment {
  const each = walks.map(
    ({ keys, condition }) => sql`
      select n.id, n.created_at from ${keys} cross join lateral (
        select * from notifications w
        where ${condition} ${rangeOf(sql, { ...range, ...(floor ? { floor } : {}) })}
        offset 0
      ) n
      where ${matches}`,
  );
  const [first, ...others] = each;
  const all = others.reduce((union, next) => sql`${union} union ${next}`, first!);
  return sql`(select id, created_at from (${all}) found order by created_at desc, id desc limit ${limit})`;
}

/** The condition for a row `n`, whichever walk found it. */
export function conditions(
  sql: Reader,
  tenant: Tenant | null,
  filter: NotificationFilter,
  recipientIds: readonly string[],
): Fragment {
  const { state, channel, priority, categories, campaignId, recipientId, address } = filter;
  const states = state === undefined ? [] : listed(state);
  const mail = sql`lower(n.address ->> 'email') = any (${address?.emails ?? []}::text[])`;
  const phone = sql`n.address ->> 'phone' = any (${address?.phones ?? []}::text[])`;
  const device = sql`coalesce(n.address #>> '{push,fcm_token}', n.address #>> '{push,apns_token}',
    n.address #>> '{push,subscription,endpoint}') = any (${address?.devices ?? []}::text[])`;
  const person = sql`n.recipient_id = any (${recipientIds as string[]}::text[])`;
  return sql`true
    ${tenant === null ? sql`` : sql`and n.app_id = ${tenant.appId} and n.environment = ${tenant.environment}`}
    ${recipientId === undefined ? sql`` : sql`and n.recipient_id = ${recipientId}`}
    ${address === undefined ? sql`` : sql`and (${mail} or ${phone} or ${device} or ${person})`}
    ${oneOf(sql, sql`n.state`, state)}
    ${states.length > 0 && states.every((each) => RARE_STATES.includes(each)) ? oneOf(sql, sql`n.rare_state`, state) : sql``}
    ${oneOf(sql, sql`n.channel`, channel)}
    ${oneOf(sql, sql`n.priority`, priority)}
    ${categories === undefined ? sql`` : sql`and n.category = any (${categories as string[]}::text[])`}
    ${campaignId === undefined ? sql`` : sql`and n.origin_id = ${campaignId}::uuid`}
    ${furtherConditions(sql, tenant, filter)}`;
}

function furtherConditions(sql: Reader, tenant: Tenant | null, filter: NotificationFilter): Fragment {
  const { template, provider, errorCode, providerMessageId, idempotencyKey, attempted } = filter;
  const { dueAfter, dueBefore } = filter;
  const ofTenant = tenant
    ? sql`and t.app_id = ${tenant.appId} and t.environment = ${tenant.environment}`
    : sql``;
  const templates = sql`array(select t.id from templates t where t.key = ${template ?? ''} ${ofTenant})`;
  const attempt = sql`select from delivery_attempts a
    where a.notification_id = n.id and a.provider_message_id = ${providerMessageId ?? ''}`;
  const isScheduled = dueAfter || dueBefore ? sql`and n.rare_state = 'scheduled'` : sql``;
  return sql`
    ${template === undefined ? sql`` : sql`and n.template_id = any (${templates})`}
    ${provider === undefined ? sql`` : sql`and n.provider = ${provider}`}
    ${errorCode === undefined ? sql`` : sql`and n.error_code = ${errorCode}`}
    ${providerMessageId === undefined ? sql`` : sql`and exists (${attempt})`}
    ${idempotencyKey === undefined ? sql`` : sql`and n.idempotency_key = ${idempotencyKey}`}
    ${attempted ? sql`and n.attempt_count > 0` : sql``}
    ${isScheduled}
    ${dueAfter ? sql`and n.next_attempt_at >= ${dueAfter}` : sql``}
    ${dueBefore ? sql`and n.next_attempt_at < ${dueBefore}` : sql``}`;
}

function oneOf(sql: Reader, column: Fragment, given: OneOrMore<string> | undefined): Fragment {
  if (given === undefined) return sql``;
  const values = listed(given);
  return values.length === 1
    ? sql`and ${column} = ${values[0]!}`
    : sql`and ${column} = any (${values as string[]}::text[])`;
}
