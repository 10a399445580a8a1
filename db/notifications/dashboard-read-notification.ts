import type { DirectAddress } from '@carillon/core/notification/compose';
import type { State } from '@carillon/core/notification/states';
import type { OutcomeClass, Phase } from '@carillon/core/provider/outcome';
import type { Sql } from 'postgres';
import type { ListedNotification } from './dashboard-list-notifications.ts';
import { type ReceiptRow, receiptsOf } from './get-notification.ts';

export interface Attempt {
  n: number;
  phase: Phase;
  channel: string;
  provider: string;
  startedAt: Date;
  finishedAt: Date | null;
  outcome: OutcomeClass | null;
  errorCode: string | null;
  error: string | null;
  providerMessageId: string | null;
  latencyMs: number | null;
}

export interface HistoryEntry {
  at: Date;
  state: State;
  actor: string;
  reason: string;
}

export interface NotificationDetail extends Omit<ListedNotification, 'position'> {
  appId: string;
  updatedAt: Date;
  route: string[];
  idempotencyKey: string;
  templateVersion: number | null;
  locale: string | null;
  orderingKey: string | null;
  campaignId: string | null;
  sendAt: Date | null;
  expiresAt: Date | null;
  /** When its texts were removed, because its category is secret. */
  redactedAt: Date | null;
  queuedAt: Date | null;
  leaseUntil: Date | null;
  /** Attempts that count in this cycle; a retry by a person begins a new one. */
  tries: number;
  providerMessageId: string | null;
  error: string | null;
  address: DirectAddress | null;
  /** The recipient's contact points for this channel, disabled ones with the reason. */
  contactPoints: { kind: string; address: string; disabledReason: string | null }[];
  attempts: Attempt[];
  history: HistoryEntry[];
  receipts: ReceiptRow[];
}

/**
 * One notification with everything the journal has about it; null if there is none. Neither the body nor the template
 * variables are read: they hold one-time passwords, and no page needs them.
 */
export async function readNotification(sql: Sql, id: string): Promise<NotificationDetail | null> {
  const [[row], attempts, history, receipts] = await Promise.all([
    sql<Omit<NotificationDetail, 'attempts' | 'history' | 'receipts'>[]>`
      select n.id, n.app_id as "appId", a.name as "appName", n.environment, n.created_at as "createdAt",
        n.updated_at as "updatedAt", n.state, n.priority, n.channel, n.route, n.recipient_id as "recipientId",
        n.address, n.category, t.key as "templateKey", n.template_version as "templateVersion", n.locale,
        n.idempotency_key as "idempotencyKey", n.ordering_key as "orderingKey", n.campaign_id as "campaignId",
        n.send_at as "sendAt", n.expires_at as "expiresAt", n.queued_at as "queuedAt",
        n.redacted_at as "redactedAt",
        n.next_attempt_at as "nextAttemptAt", n.lease_until as "leaseUntil", n.attempt_count as "attemptCount", n.tries,
        n.provider, n.provider_message_id as "providerMessageId", n.error_code as "errorCode", n.error,
        coalesce(p.points, '[]') as "contactPoints"
      from notifications n
      join apps a on a.id = n.app_id
      left join templates t on t.id = n.template_id
      left join lateral (
        select jsonb_agg(
          jsonb_build_object('kind', kind, 'address', address, 'disabledReason', disabled_reason) order by created_at
        ) as points
        from contact_points c
        where c.app_id = n.app_id and c.environment = n.environment and c.recipient_id = n.recipient_id
          and c.kind = any (case n.channel
            when 'email' then array['email'] when 'sms' then array['phone']
            when 'push' then array['fcm', 'apns', 'web_push'] else array[]::text[] end)
      ) p on n.address is null
      where n.id = ${id}::uuid`,
    sql<Attempt[]>`
      select n, phase, channel, provider, started_at as "startedAt", finished_at as "finishedAt", outcome,
        error_code as "errorCode", error, provider_message_id as "providerMessageId", latency_ms as "latencyMs"
      from delivery_attempts where notification_id = ${id}::uuid order by n`,
    sql<HistoryEntry[]>`
      select at, state, actor, reason from notification_history where notification_id = ${id}::uuid order by id`,
    receiptsOf(sql, id),
  ]);
  return row ? { ...row, attempts, history, receipts } : null;
}
