import { type CapUse, reachedCap } from '@carillon/core/notification/caps';
import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import { FINAL_STATES } from '@carillon/core/notification/states';
import type { Cap } from '@carillon/core/recipient/preferences';
import type { Sql, TransactionSql } from 'postgres';

/** Final, and sent only if an attempt shows it. */
const UNSENT = FINAL_STATES.filter((state) => state !== 'sent' && state !== 'delivered');

/** A notification that is about to be sent to a person with caps. */
export interface CapAsk {
  id: string;
  appId: string;
  environment: Environment;
  recipientId: string;
  channel: Channel;
  category: string | null;
  /** The caps that limit it; at least one. */
  caps: readonly Cap[];
}

/**
 * Counts notifications against the caps of their recipients. Exact: a count for a person holds that person's lock until
 * the commit, and the members of a group are counted one after the other.
 *
 * A notification that comes again (a retry, a wait for a limit) is counted anew, at its new time and channel, and never
 * blocks itself: it has one row. One that has ended and certainly was not sent counts no longer: no attempt of it was
 * accepted, is in doubt or is still in progress.
 *
 * @returns at each place the cap that forbids it, or null if it was counted and may go.
 */
export async function takeCaps(sql: Sql, asks: readonly CapAsk[]): Promise<(Cap | null)[]> {
  return sql.begin(async (tx) => {
    await lockRecipients(tx, asks);
    const people = await usesOf(tx, asks);
    const refusals = asks.map((ask) => {
      const uses = people.get(personOf(ask)) ?? new Map<string, CapUse>();
      people.set(personOf(ask), uses);
      const refusal = reachedCap(ask.caps, uses.values(), ask.id);
      if (!refusal) uses.set(ask.id, { ...ask, notificationId: ask.id, ageMs: 0 });
      return refusal;
    });
    const taken = asks.filter((_, index) => refusals[index] === null);
    if (taken.length > 0) await store(tx, taken);
    return refusals;
  });
}

/**
 * The cap that one more notification would exceed; null if it may go. Nothing is counted and no lock is taken: a
 * concurrent send may still use the cap up.
 *
 * @param tx a transaction, so that all parts of an answer are of one moment.
 */
export async function peekCap(tx: TransactionSql, ask: CapAsk): Promise<Cap | null> {
  const uses = (await usesOf(tx, [ask])).get(personOf(ask));
  return reachedCap(ask.caps, uses?.values() ?? [], ask.id);
}

/** In one order, so that two groups with the same people in them never wait for each other. */
async function lockRecipients(tx: TransactionSql, asks: readonly CapAsk[]): Promise<void> {
  const people = [...new Set(asks.map(personOf))];
  await tx`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended('caps:' || person, 0) as key
      from unnest(${people}::text[]) as p (person)
      order by key
    ) as keys`;
}

/**
 * What each person got recently, as far as their caps require. A statement of its own: its snapshot must be younger
 * than the locks. Of each cap no more rows are read than could matter: its `max`, and the asks' own from earlier turns.
 */
async function usesOf(
  tx: TransactionSql,
  asks: readonly CapAsk[],
): Promise<Map<string, Map<string, CapUse>>> {
  const caps = asks.flatMap(({ appId, environment, recipientId, caps }) =>
    caps.map((cap) => ({ ...cap, appId, environment, recipientId, rows: cap.max + asks.length })),
  );
  const distinct = [...new Set(caps.map((cap) => JSON.stringify(cap)))];
  const rows = await tx<(CapUse & Pick<CapAsk, 'appId' | 'environment' | 'recipientId'>)[]>`
    select c."appId", c.environment, c."recipientId", u.notification_id as "notificationId", u.channel, u.category,
      u."ageMs"
    from json_to_recordset(${`[${distinct.join()}]`}::text::json) as c (
      "appId" uuid, environment text, "recipientId" text, channel text, category text, window_seconds int, rows int
    )
    cross join lateral (
      select notification_id, channel, category,
        (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "ageMs"
      from cap_uses
      where app_id = c."appId" and environment = c.environment and recipient_id = c."recipientId"
        and at > now() - c.window_seconds * interval '1 second'
        and (c.channel is null or channel = c.channel) and (c.category is null or lower(category) = c.category)
        and not exists (
          select from notifications n
          where n.id = notification_id and n.state = any (${UNSENT as string[]}::text[]) and not exists (
            select from delivery_attempts a
            where a.notification_id = n.id and (a.outcome is null or a.outcome in ('accepted', 'in_doubt'))
          )
        )
      order by at desc
      limit c.rows
    ) u`;
  const people = new Map<string, Map<string, CapUse>>();
  for (const row of rows) {
    const uses = people.get(personOf(row)) ?? new Map<string, CapUse>();
    people.set(personOf(row), uses.set(row.notificationId, row));
  }
  return people;
}

/**
 * By the clock, not by the start of the transaction: one that waited for the lock counts later than one that held it.
 */
async function store(tx: TransactionSql, taken: readonly CapAsk[]): Promise<void> {
  const rows = [...new Map(taken.map(({ caps: _, ...row }) => [row.id, row])).values()];
  await tx`
    insert into cap_uses (notification_id, app_id, environment, recipient_id, channel, category, at)
    select id, "appId", environment, "recipientId", channel, category, clock_timestamp()
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as t (
      id uuid, "appId" uuid, environment text, "recipientId" text, channel text, category text
    )
    on conflict (notification_id) do update
    set channel = excluded.channel, category = excluded.category, at = excluded.at`;
}

function personOf({
  appId,
  environment,
  recipientId,
}: Pick<CapAsk, 'appId' | 'environment' | 'recipientId'>): string {
  return `${appId}/${environment}/${recipientId}`;
}

/** Removes counts against caps from before `before`, the oldest first. Returns how many were removed. */
export async function pruneCapUses(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql`
    delete from cap_uses where notification_id in (
      select notification_id from cap_uses where at < ${before} order by at limit ${limit} for update skip locked
    )`;
  return rows.count;
}
