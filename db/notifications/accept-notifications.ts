import type { Channel } from '@carillon/core/notification/channel';
import type { DirectAddress } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import type { Content } from '@carillon/core/notification/message';
import type { Priority } from '@carillon/core/notification/priority';
import type { Sql, TransactionSql } from 'postgres';
import type { SendOptions } from '../schema/notifications.ts';
import { NO_APP } from '../schema/outbox.ts';

/** A notification as the accept path hands it over. Members that are undefined become null. */
export interface NewNotification {
  id: string;
  app_id: string;
  environment: Environment;
  priority: Priority;
  channel: Channel;
  route: readonly Channel[];
  recipient_id?: string | undefined;
  address?: DirectAddress | undefined;
  category?: string | undefined;
  template_id?: string | undefined;
  template_version?: number | undefined;
  locale?: string | undefined;
  data?: Record<string, unknown> | undefined;
  content?: Content | undefined;
  options?: SendOptions | undefined;
  idempotency_key: string;
  /** SHA-256 as `\x` and hex digits, which is how bytea reads text. */
  request_hash: string;
  ordering_key?: string | undefined;
  /** RFC 3339 in UTC with milliseconds: created_at has milliseconds too, so that comparing the two is exact. */
  send_at?: string | undefined;
  expires_at?: string | undefined;
  /** Stored in their own table. */
  attachments?: readonly NewAttachment[] | undefined;
  /** The `traceparent` of the span that accepts it; only if that span is sampled. */
  traceparent?: string | undefined;
}

/** A file by its content (base64) or by the URL to fetch it from; checked before. */
export interface NewAttachment {
  filename: string;
  content_type?: string | undefined;
  content?: string | undefined;
  url?: string | undefined;
}

export interface AcceptedGroup {
  /** created_at of every row that was stored. */
  at: Date;
  /** The ids that were stored. The others existed before. */
  ids: string[];
}

/**
 * Stores a group of notifications and announces them, in one statement and one commit. An id that exists already is
 * left alone: that is the idempotency guarantee. Rows are inserted in the order of their ids, because two groups that
 * wait for each other's ids in different orders would deadlock.
 *
 * A `send_at` within the horizon is announced at once (the relay makes a delayed job of it) and marked as released in
 * `queued_at`; a farther one waits for the promoter.
 *
 * A row with an ordering key also gets its place in the queue of its key, in the order of `rows`. A group without one
 * (nearly every group) runs the statement without the part for ordering. The same holds for attachments and for traces.
 *
 * Measured (performance.md): one json_to_recordset of 100 rows stores 42,000 rows/s, a row at a time 6,400. Future
 * jsonb values leave it as json and are cast row by row: made inside, each value keeps its parser's memory until the
 * statement ends, and from fifty rows on the server allocated those pages from the system each time (55 us a row, not
 * 33).
 *
 * @param rows distinct ids, those with ordering keys in the order of acceptance.
 */
export async function acceptNotifications(
  sql: Sql | TransactionSql,
  rows: readonly NewNotification[],
  horizonMs: number,
): Promise<AcceptedGroup> {
  const ordered = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const line = rows.filter((row) => row.ordering_key !== undefined);
  const inLine = line.length > 0;
  const files = rows.filter((row) => row.attachments !== undefined);
  const traced = rows.some((row) => row.traceparent !== undefined);
  const text = JSON.stringify(files.length > 0 ? ordered.map(withoutFiles) : ordered);
  const [row] = await sql<[{ at: Date; fresh: string | null }]>`
    with clock as materialized (
      select date_trunc('milliseconds', now()) as at, now() + ${horizonMs} * interval '1 millisecond' as horizon
        ${inLine ? lockLines(sql, line) : sql``}
    ), fresh as (
      insert into notifications (
        id, app_id, environment, priority, channel, route, recipient_id, address, category, template_id,
        template_version, locale, data, content, options, idempotency_key, request_hash, ordering_key, send_at,
        expires_at, state, next_attempt_at, queued_at, created_at, updated_at${traced ? sql`, traceparent` : sql``}
      )
      select
        r.id, r.app_id, r.environment, r.priority, r.channel, r.route, r.recipient_id, r.address::jsonb, r.category, r.template_id,
        r.template_version, r.locale, r.data::jsonb, r.content::jsonb, r.options::jsonb, r.idempotency_key, r.request_hash, r.ordering_key,
        r.send_at, r.expires_at,
        case when r.send_at > clock.at then 'scheduled' else 'pending' end,
        case when r.send_at > clock.at then r.send_at end,
        case when r.send_at > clock.at and r.send_at <= clock.horizon then clock.at end,
        clock.at, clock.at${traced ? sql`, r.traceparent` : sql``}
      from json_to_recordset(${text}::text::json) as r (
        id uuid, app_id uuid, environment text, priority text, channel text, route text[], recipient_id text,
        address json, category text, template_id uuid, template_version int, locale text, data json, content json,
        options json, idempotency_key text, request_hash bytea, ordering_key text, send_at timestamptz,
        expires_at timestamptz${traced ? sql`, traceparent text` : sql``}
      ), clock
      on conflict (id) do nothing
      returning id, channel, priority, next_attempt_at, app_id${inLine ? sql`, environment, ordering_key` : sql``}${traced ? sql`, traceparent` : sql``}
    ), announced as (
      insert into outbox (lane, app_id, ids, available_at${traced ? sql`, trace_context` : sql``})
      select lane, app, array_agg(id), due${traced ? traceContext(sql) : sql``}
      from (
        select id, channel || '-' || priority as lane, ${appOfLane(sql)} as app, next_attempt_at as due,
               (row_number() over (partition by channel, priority, next_attempt_at, ${appOfLane(sql)}) - 1) / 100 as slice${traced ? sql`, traceparent` : sql``}
        from fresh, clock
        where next_attempt_at is null or next_attempt_at <= clock.horizon
      ) as ready
      group by lane, app, due, slice
    )${inLine ? takePlaces(sql, line) : sql``}${files.length > 0 ? storeFiles(sql, files) : sql``}
    select clock.at, (select string_agg(id::text, ',') from fresh) as fresh from clock`;
  return { at: row!.at, ids: row!.fresh?.split(',') ?? [] };
}

/** In bulk lanes the relay takes the rows of the apps in turn. Elsewhere a row holds ids of several apps, so that there are fewer. */
const appOfLane = (sql: Sql | TransactionSql) =>
  sql`case priority when 'bulk' then app_id else ${NO_APP}::uuid end`;

/**
 * Places in an ordering queue must become visible in their order: were a later one claimed before an earlier one is
 * committed, the two would be out of order permanently. So writers to the same queue take turns, over all API
 * processes. The locks stand for a share of all keys each, because a thousand locks a statement would fill PostgreSQL's
 * lock table. They are taken in one order and before any row: no deadlock.
 */
function lockLines(sql: Sql | TransactionSql, line: readonly NewNotification[]) {
  const keys = [...new Set(line.map((row) => `${row.app_id} ${row.environment} ${row.ordering_key}`))];
  return sql`, (
    select bool_and(pg_advisory_xact_lock(hashtext('carillon.order'), share) is not null)
    from (
      select distinct hashtext(key) & ${LOCKS - 1} as share from unnest(${keys}::text[]) as k (key) order by share
    ) as shares
  ) as locked`;
}

/** A power of two. */
const LOCKS = 32;

function takePlaces(sql: Sql | TransactionSql, line: readonly NewNotification[]) {
  return sql`, placed as (
      insert into notification_order (notification_id, app_id, environment, ordering_key)
      select id, app_id, environment, ordering_key
      from unnest(${line.map((row) => row.id)}::uuid[]) with ordinality as l (id, place)
      join fresh using (id)
      order by place
    )`;
}

/** Null for rows of which none is traced. */
function traceContext(sql: Sql | TransactionSql) {
  return sql`, case when count(traceparent) > 0 then jsonb_build_object(
        'traceparents', jsonb_agg(distinct traceparent) filter (where traceparent is not null)
      ) end`;
}

function withoutFiles({ attachments: _, ...row }: NewNotification): NewNotification {
  return row;
}

/** Only of notifications stored now: a replay has its files. A URL without a type gets one when it is fetched. */
function storeFiles(sql: Sql | TransactionSql, rows: readonly NewNotification[]) {
  const files = rows.flatMap(({ id, attachments = [] }) =>
    attachments.map((file, position) => ({ id, position, ...file })),
  );
  return sql`, filed as (
      insert into attachments (notification_id, position, filename, content_type, content, url, size_bytes)
      select f.id, f.position, f.filename, coalesce(f.content_type, ''), decode(f.content, 'base64'), f.url,
        length(decode(f.content, 'base64'))
      from json_to_recordset(${JSON.stringify(files)}::text::json) as f (
        id uuid, position smallint, filename text, content_type text, content text, url text
      )
      join fresh on fresh.id = f.id
    )`;
}
