import type { Channel } from '@carillon/core/notification/channel';
import type { Priority } from '@carillon/core/notification/priority';
import { RARE_STATES, type State } from '@carillon/core/notification/states';
import type { AddressForms } from '@carillon/core/recipient/address-forms';
import { notificationId } from '@carillon/core/text/ids';
import type { PendingQuery, Row } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';

/** The position of a row in the order. `createdAt` is PostgreSQL's text: a JavaScript date would lose microseconds. */
export interface Position {
  createdAt: string;
  id: string;
}

export type OneOrMore<T> = T | readonly T[];

export const listed = <T extends string>(given: OneOrMore<T>): readonly T[] =>
  typeof given === 'string' ? [given] : given;

export interface NotificationFilter {
  /** Matches one of these addresses: a notification that names one of them, or goes to a recipient who has one. */
  address?: AddressForms | undefined;
  recipientId?: string | undefined;
  /** A recipient of this id or an address: what people type into one field. */
  person?: { recipientId: string; address: AddressForms } | undefined;
  /** One, or any of several. */
  state?: OneOrMore<State> | undefined;
  channel?: OneOrMore<Channel> | undefined;
  priority?: OneOrMore<Priority> | undefined;
  /** Exactly one of these: earlier versions stored other forms than categoryName. */
  categories?: readonly string[] | undefined;
  campaignId?: string | undefined;
  /** The key of its template. */
  template?: string | undefined;
  /** The provider account of its last attempt. */
  provider?: string | undefined;
  /** The error code of its last attempt, or of the report that failed it. */
  errorCode?: string | undefined;
  /** The provider's id of any of its attempts. */
  providerMessageId?: string | undefined;
  idempotencyKey?: string | undefined;
  /** A provider was called for it. */
  attempted?: true | undefined;
  /** When it comes due, while it is scheduled: its time of sending, or the end of quiet hours. */
  dueAfter?: Date | undefined;
  dueBefore?: Date | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** Where the previous page ended. */
  before?: Position | undefined;
}

/** Some stretches of one index of `notifications w`, each in the order of time. */
export interface Walk {
  /** A relation `k` with a row for each stretch. */
  keys: PendingQuery<Row[]>;
  /** Which rows `w` are in the stretch of `k`. */
  condition: PendingQuery<Row[]>;
  stretches: number;
  /** Its index is not in the order of time, but has so few rows that all are read. */
  isWhole?: true;
}

/** Which part of the order is wanted. */
export interface Range {
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  before?: Position | undefined;
}

/** Of what has more notifications than this, the list is found along the order of time. */
const FEW = 10_000;
/** Of recipients with one address, those who got it last; more are test data. */
const MOST_RECIPIENTS = 1_000;
/** However many stretches there are, this many entries of each are read. */
const LEAST_OF_EACH = 20;

/**
 * The narrowest indexes for a filter, most selective first: a key or id that names few, a person, an address, a
 * campaign, rare states, an error code, else the app or its test messages.
 *
 * @returns `recipientIds`: who has the address of the filter.
 */
export async function sourcesFor(
  sql: Reader,
  tenant: Tenant | null,
  filter: NotificationFilter,
): Promise<{ walks: Walk[]; recipientIds: string[] }> {
  const { recipientId, address, person, campaignId } = filter;
  const asked = address ?? person?.address;
  const having = asked ? await recipientsWith(sql, tenant, asked) : [];
  const recipientIds = having.map(({ recipientId: id }) => id);
  const named = await ofNamed(sql, tenant, filter);
  if (named) return { walks: [named], recipientIds };
  const appIds = tenant
    ? [tenant.appId]
    : (await sql<{ id: string }[]>`select id from apps`).map(({ id }) => id);
  const personId = recipientId ?? person?.recipientId;
  const people = personId === undefined ? [] : appIds.map((appId) => ({ appId, recipientId: personId }));
  if (recipientId !== undefined) return { walks: [ofPeople(sql, people)], recipientIds };
  if (asked) {
    return { walks: [...ofAddresses(sql, asked), ofPeople(sql, [...people, ...having])], recipientIds };
  }
  if (campaignId !== undefined) return { walks: [ofCampaign(sql, campaignId, filter)], recipientIds };
  return { walks: [await ofApps(sql, appIds, tenant, filter)], recipientIds };
}

/** What an idempotency key or a provider's message id names; null where the filter has neither, or too many have it. */
async function ofNamed(
  sql: Reader,
  tenant: Tenant | null,
  { idempotencyKey, providerMessageId }: NotificationFilter,
): Promise<Walk | null> {
  if (idempotencyKey !== undefined && tenant !== null) {
    const id = notificationId(tenant.appId, tenant.environment, idempotencyKey);
    return whole(sql, sql`w.id = ${id}::uuid`);
  }
  if (providerMessageId === undefined) return null;
  const attempts = await sql<{ id: string }[]>`
    select distinct notification_id as id from delivery_attempts
    where provider_message_id = ${providerMessageId} limit ${FEW + 1}`;
  if (attempts.length > FEW) return null;
  return whole(sql, sql`w.id = any (${attempts.map(({ id }) => id)}::uuid[])`);
}

/** Stretches of a campaign: of its rare states where the filter names only such, else all of it. */
function ofCampaign(sql: Reader, campaignId: string, { state }: NotificationFilter): Walk {
  const states = state === undefined ? [] : listed(state);
  const isRare = states.length > 0 && states.every((each) => RARE_STATES.includes(each));
  if (!isRare)
    return {
      keys: sql`(select ${campaignId}::uuid as id) as k`,
      condition: sql`w.origin_id = k.id`,
      stretches: 1,
    };
  return {
    keys: sql`(select ${campaignId}::uuid as id, state from unnest(${states as string[]}::text[]) as s (state)) as k`,
    condition: sql`w.origin_id = k.id and w.rare_state = k.state`,
    stretches: states.length,
  };
}

/** Stretches of an app: of its rare states or one error code where the filter names them, else all of it. */
async function ofApps(
  sql: Reader,
  appIds: readonly string[],
  tenant: Tenant | null,
  { state, errorCode, dueAfter, dueBefore }: NotificationFilter,
): Promise<Walk> {
  // Only what is scheduled has a time of sending to come.
  const states = dueAfter || dueBefore ? (['scheduled'] as const) : state === undefined ? [] : listed(state);
  const apps = sql`unnest(${appIds as string[]}::uuid[])`;
  const areRare = states.length > 0 && states.every((each) => RARE_STATES.includes(each));
  const isFewer =
    errorCode === undefined || (await areFew(sql, sql`w.rare_state = any (${states as string[]}::text[])`));
  if (areRare && isFewer) {
    return {
      keys: sql`(select app_id, state from ${apps} as a (app_id), unnest(${states as string[]}::text[]) as s (state)) as k`,
      condition: sql`w.app_id = k.app_id and w.rare_state = k.state`,
      stretches: appIds.length * states.length,
    };
  }
  const keys = sql`${apps} as k (app_id)`;
  const stretches = appIds.length;
  if (errorCode !== undefined)
    return { keys, condition: sql`w.app_id = k.app_id and w.error_code = ${errorCode}`, stretches };
  // Spelled out: a parameter would hide from a kept plan that the partial index serves it.
  const test = tenant?.environment === 'test' ? sql`and w.environment = 'test'` : sql``;
  return { keys, condition: sql`w.app_id = k.app_id ${test}`, stretches };
}

/**
 * Where a page ends that scans this many entries.
 *
 * @returns null if there are fewer.
 */
export async function floorOf(
  sql: Reader,
  walks: readonly Walk[],
  range: Range,
  scan: number,
): Promise<Position | null> {
  const bounded = walks.filter(({ isWhole, stretches }) => !isWhole && stretches > 0);
  const [first, ...others] = bounded.map(({ keys, condition, stretches }) => {
    const ofEach = Math.max(LEAST_OF_EACH, Math.ceil(scan / stretches));
    return sql`
      select f.created_at, f.id from ${keys} cross join lateral (
        select w.created_at, w.id from notifications w
        where ${condition} ${rangeOf(sql, range)}
        order by w.created_at desc, w.id desc
        offset ${ofEach - 1} limit 1
      ) f`;
  });
  if (!first) return null;
  const all = others.reduce((union, next) => sql`${union} union all ${next}`, first);
  const [floor] = await sql<Position[]>`
    select created_at::text as "createdAt", id from (${all}) floors order by created_at desc, id desc limit 1`;
  return floor ?? null;
}

/**
 * The part of the order in which a walk looks, from its newest end; of rows `w`. One bound at each end, and both
 * compare rows: of two bounds at one end PostgreSQL may begin at the wider one, and for a bare time it may choose the
 * BRIN index of ages. Both read all of a range of time (measured at 5 M rows: 3 s and 10 s for a page).
 *
 * @param floor where the walk ends; never before `createdAfter`.
 */
export function rangeOf(
  sql: Reader,
  { createdAfter, createdBefore, before, floor }: Range & { floor?: Position },
): Walk['condition'] {
  const at = (time: Date): Position => ({ createdAt: time.toISOString(), id: FIRST_ID });
  const goesOn = before && !(createdBefore && Date.parse(before.createdAt) >= createdBefore.getTime());
  const newest = goesOn ? before : createdBefore && at(createdBefore);
  const oldest = floor ?? (createdAfter && at(createdAfter));
  return sql`
    ${newest ? sql`and (w.created_at, w.id) < (${newest.createdAt}::timestamptz, ${newest.id}::uuid)` : sql``}
    ${oldest ? sql`and (w.created_at, w.id) >= (${oldest.createdAt}::timestamptz, ${oldest.id}::uuid)` : sql``}`;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface Person {
  appId: string;
  recipientId: string;
}

function ofPeople(sql: Reader, people: readonly Person[]): Walk {
  const appIds = people.map(({ appId }) => appId);
  const ids = people.map(({ recipientId }) => recipientId);
  return {
    keys: sql`(select distinct app_id, id from unnest(${appIds}::uuid[], ${ids}::text[]) as p (app_id, id)) as k`,
    condition: sql`w.app_id = k.app_id and w.recipient_id = k.id`,
    stretches: people.length,
  };
}

/** The texts of the conditions are those of the indexes notifications_by_email, _by_phone and _by_push. */
function ofAddresses(sql: Reader, { emails, phones, devices }: AddressForms): Walk[] {
  const keys = (values: string[]) => sql`unnest(${values}::text[]) as k (address)`;
  const device = sql`coalesce(w.address #>> '{push,fcm_token}', w.address #>> '{push,apns_token}', w.address #>> '{push,subscription,endpoint}')`;
  const walks: Walk[] = [
    {
      keys: keys(emails),
      condition: sql`w.address ? 'email' and lower(w.address ->> 'email') = k.address
        and hashtextextended(lower(w.address ->> 'email'), 0) = hashtextextended(k.address, 0)`,
      stretches: emails.length,
    },
    {
      keys: keys(phones),
      condition: sql`w.address ? 'phone' and w.address ->> 'phone' = k.address
        and hashtextextended(w.address ->> 'phone', 0) = hashtextextended(k.address, 0)`,
      stretches: phones.length,
    },
    {
      keys: keys(devices),
      condition: sql`w.address ? 'push' and ${device} = k.address
        and hashtextextended(${device}, 0) = hashtextextended(k.address, 0)`,
      stretches: devices.length,
    },
  ];
  return walks.filter(({ stretches }) => stretches > 0);
}

function whole(sql: Reader, condition: Walk['condition']): Walk {
  return { keys: sql`(select) as k`, condition, stretches: 1, isWhole: true };
}

async function areFew(sql: Reader, condition: Walk['condition']): Promise<boolean> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from (
      select from notifications w where ${condition} limit ${FEW + 1}
    ) counted`;
  return row.count <= FEW;
}

export async function recipientsWith(
  sql: Reader,
  tenant: Tenant | null,
  { emails, phones, devices }: AddressForms,
): Promise<Person[]> {
  return sql<Person[]>`
    select app_id as "appId", recipient_id as "recipientId" from (
      select app_id, environment, recipient_id, created_at from contact_points
      where kind = 'email' and lower(address) = any (${emails}::text[])
      union all
      select app_id, environment, recipient_id, created_at from contact_points
      where address = any (${[...phones, ...devices]}::text[]) and kind <> 'email'
    ) having_it
    ${tenant === null ? sql`` : sql`where app_id = ${tenant.appId} and environment = ${tenant.environment}`}
    order by created_at desc
    limit ${MOST_RECIPIENTS}`;
}
