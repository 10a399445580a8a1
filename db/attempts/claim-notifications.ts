import type { StopMode } from '@carillon/core/campaign/states';
import type { Channel } from '@carillon/core/notification/channel';
import type { ContactPoint, DirectAddress } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import type { Content } from '@carillon/core/notification/message';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { Preferences } from '@carillon/core/recipient/preferences';
import type { Sql } from 'postgres';
import { blockedInLine, parkedInLine } from '../order/order-line.ts';
import { countEnded } from '../origins/count-changes.ts';
import { notStopped } from '../origins/stops.ts';
import { settingsVersionColumn } from '../provider-accounts/provider-accounts.ts';
import type { SendOptions } from '../schema/notifications.ts';

/** What all claims of a group share. */
export interface Claim {
  channel: Channel;
  /**
   * The account that will probably be called, or one per environment; `assign` corrects it before the call if `choose`
   * decides otherwise. A worker that dies before leaves it in the attempt, and the resolver queries that account.
   */
  provider: string | Readonly<Record<Environment, string>>;
  leaseToken: string;
  leaseMs: number;
}

export interface ClaimedRow {
  id: string;
  app_id: string;
  environment: Environment;
  channel: Channel;
  route: Channel[];
  priority: Priority;
  recipient_id: string | null;
  address: DirectAddress | null;
  contact_points: ContactPoint[] | null;
  template_id: string | null;
  template_version: number | null;
  locale: string | null;
  data: Record<string, unknown> | null;
  content: Content | null;
  options: SendOptions | null;
  expires_at: Date | null;
  attempt_count: number;
  tries: number;
  category: string | null;
  ordering_key: string | null;
  /** What it came from, and shares data with; null if it is not one of many. */
  origin_id: string | null;
  /** Accounts that certainly did not accept it in this round. */
  tried: string[] | null;
  /** Of the span that accepted it; null if it is not traced. */
  traceparent: string | null;
  preferences: Preferences | null;
  /** Seconds since it was due: since its acceptance, or `send_at`. */
  due_for: number;
  /** PostgreSQL's time when this was read. */
  now: Date;
  /** This process's copy of categories and provider accounts must be as new. */
  settings_version: number;
}

/**
 * Takes the lease of each notification and commits its attempt row: from here on a crash is a visible doubt, never a
 * silent repeat. One statement for the whole group.
 *
 * A row is claimed only while it is waiting (pending, queued, or scheduled/retrying and due), not too late, the oldest
 * open one of its ordering key, and not of a stopped origin. What is not returned was refused; `explainRefusals` says why.
 */
export async function claimNotifications(
  sql: Sql,
  ids: readonly string[],
  { channel, provider, leaseToken, leaseMs }: Claim,
): Promise<ClaimedRow[]> {
  const { live, test } = typeof provider === 'string' ? { live: provider, test: provider } : provider;
  return sql<ClaimedRow[]>`
    with claimed as (
      update notifications
      set state = 'sending',
          lease_token = ${leaseToken},
          lease_until = now() + ${leaseMs} * interval '1 millisecond',
          attempt_count = attempt_count + 1,
          tries = tries + 1,
          next_attempt_at = null,
          provider = case environment when 'live' then ${live} else ${test} end,
          updated_at = now()
      where id = any (${ids as string[]}::uuid[]) and channel = ${channel}
        and (
          state in ('pending', 'queued')
          or (state in ('retrying', 'scheduled') and next_attempt_at <= now() + interval '250 ms')
        )
        and (expires_at is null or expires_at > now())
        and (ordering_key is null or not ${blockedInLine(sql)})
        and ${notStopped(sql)}
      returning *
    ), attempts as (
      insert into delivery_attempts (notification_id, n, phase, channel, provider)
      select id, attempt_count, 'started', channel, provider from claimed
    )
    select ${claimedColumns(sql)} from claimed c ${claimedBeside(sql)}
  `;
}

/** The columns of ClaimedRow, from rows of `notifications` named `c` with `claimedBeside` joined to them. */
export const claimedColumns = (sql: Sql) => sql`
  c.id, c.app_id, c.environment, c.channel, c.route, c.priority, c.recipient_id, c.address, p.contact_points,
  c.template_id, c.template_version, c.locale, c.data, c.content, c.options, c.expires_at, c.attempt_count, c.tries,
  c.category, c.ordering_key, c.origin_id, c.tried, c.traceparent, w.preferences,
  date_part('epoch', now() - greatest(c.created_at, c.send_at)) as due_for, now() as now, ${settingsVersionColumn(sql)}`;

/** What ClaimedRow has from other tables: contact points of the person, and the person's preferences. */
export const claimedBeside = (sql: Sql) => sql`
  left join lateral (
    select json_agg(json_build_object('kind', kind, 'address', address, 'keys', keys) order by created_at desc) as contact_points
    from contact_points
    where app_id = c.app_id and environment = c.environment and recipient_id = c.recipient_id and disabled_at is null
  ) p on c.recipient_id is not null
  left join lateral (
    select json_build_object('channels', channels, 'categories', categories, 'quiet_hours', quiet_hours, 'caps', caps,
      'paused_until', paused_until) as preferences
    from user_preferences
    where app_id = c.app_id and environment = c.environment and recipient_id = c.recipient_id
  ) w on c.recipient_id is not null`;

export interface Refusal {
  id: string;
  state: State;
  channel: Channel;
  next_attempt_at: Date | null;
  lease_until: Date | null;
  /** PostgreSQL's time when this was read. */
  now: Date;
  error_code: string | null;
  app_id: string;
  environment: Environment;
  ordering_key: string | null;
  /** It waits for its turn without a job; the ordering queue announces it. */
  parked: boolean;
  /** This look expired it. */
  expired_now: boolean;
  /** Its origin is stopped, and this look cancelled or parked it: its job ends. */
  stopped: StopMode | null;
}

/**
 * Why were these not claimed? Those that came too late are expired on the way, so that an old one-time password ends as
 * `expired` and not as a job that comes back forever; those that must wait for an older one of their ordering key are
 * parked, so that a long ordering queue costs no jobs. Those of a stopped origin are cancelled or parked; the stop is
 * locked meanwhile, so that one that is lifted finds them all. Ids without a notification are not returned.
 */
export async function explainRefusals(sql: Sql, ids: readonly string[]): Promise<Refusal[]> {
  return sql<Refusal[]>`
    with stopped as materialized (
      select origin_id, mode from stops
      where origin_id in (
        select origin_id from notifications where id = any (${ids as string[]}::uuid[]) and origin_id is not null
      )
      for share
    ), expired as (
      update notifications
      set state = 'expired', next_attempt_at = null, updated_at = now()
      where id = any (${ids as string[]}::uuid[])
        and state in ('pending', 'queued', 'retrying', 'scheduled') and expires_at <= now()
      returning id, channel, origin_id, origin_variant, state
    ), halted as (
      update notifications n
      set state = case s.mode when 'cancelled' then 'cancelled' else 'pending' end,
        error_code = case s.mode when 'cancelled' then 'origin_cancelled' else n.error_code end,
        queued_at = null, next_attempt_at = null, updated_at = now()
      from stopped s
      where n.id = any (${ids as string[]}::uuid[]) and n.origin_id = s.origin_id
        and (
          n.state in ('pending', 'queued')
          or (n.state in ('retrying', 'scheduled') and n.next_attempt_at <= now() + interval '250 ms')
        )
        and (n.expires_at is null or n.expires_at > now())
      returning n.id, n.origin_id, n.origin_variant, n.state, s.mode
    ), ${countEnded(
      sql,
      sql`(
        select origin_id, origin_variant, state from expired
        union all
        select origin_id, origin_variant, state from halted
      )`,
    )}, waiting as materialized (
      select id, ordering_key, ${parkedInLine(sql)} as parked_before
      from notifications
      where id = any (${ids as string[]}::uuid[]) and ordering_key is not null
        and (
          state in ('pending', 'queued')
          or (state in ('retrying', 'scheduled') and next_attempt_at <= now() + interval '250 ms')
        )
        and (expires_at is null or expires_at > now())
        and ${blockedInLine(sql)}
      order by id
      for update of notifications
    ), parked as (
      update notifications
      set state = 'pending', queued_at = null, next_attempt_at = null, updated_at = now()
      from waiting where notifications.id = waiting.id and not parked_before
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'expired', 'deliver', 'expires_at passed before it could be sent' from expired
      union all
      select id, 'pending', 'deliver', format('waits for an older notification of the ordering key "%s"', ordering_key)
      from waiting where not parked_before
      union all
      select id, state, 'deliver', 'its campaign was ' || mode from halted
    )
    select n.id, case when e.id is not null then 'expired' else coalesce(h.state, n.state) end as state, n.channel,
      case when e.id is null and h.id is null then n.next_attempt_at end as next_attempt_at, n.lease_until, n.error_code,
      n.app_id, n.environment, n.ordering_key, w.id is not null as parked, e.id is not null as expired_now, h.mode as stopped,
      now() as now
    from notifications n
    left join expired e on e.id = n.id
    left join waiting w on w.id = n.id
    left join halted h on h.id = n.id
    where n.id = any (${ids as string[]}::uuid[])
  `;
}
