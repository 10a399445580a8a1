import type { Channel } from '@carillon/core/notification/channel';
import type { DirectAddress } from '@carillon/core/notification/compose';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { OutcomeClass, Phase } from '@carillon/core/provider/outcome';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import type { SendOptions } from '../schema/notifications.ts';

/** A notification as the API shows it, without body and template variables, which hold one-time passwords. */
export interface NotificationRow {
  id: string;
  state: State;
  priority: Priority;
  category: string | null;
  channel: Channel;
  route: Channel[];
  recipientId: string | null;
  address: DirectAddress | null;
  template: string | null;
  templateVersion: number | null;
  locale: string | null;
  options: SendOptions | null;
  idempotencyKey: string;
  orderingKey: string | null;
  campaignId: string | null;
  sendAt: Date | null;
  expiresAt: Date | null;
  queuedAt: Date | null;
  nextAttemptAt: Date | null;
  attemptCount: number;
  provider: string | null;
  providerMessageId: string | null;
  errorCode: string | null;
  error: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface AttemptRow {
  n: number;
  phase: Phase;
  channel: Channel;
  provider: string;
  outcome: OutcomeClass | null;
  errorCode: string | null;
  error: string | null;
  providerMessageId: string | null;
  latencyMs: number | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface HistoryEntry {
  at: Date;
  state: State;
  actor: string;
  reason: string;
  detail: Record<string, unknown> | null;
}

/** What a provider reported later. */
export interface ReceiptRow {
  at: Date;
  account: string;
  kind: string;
  code: string | null;
  detail: string | null;
  /** The state it moved the notification to; null where it moved nothing. */
  movedTo: State | null;
}

/** What the API shows of a file; never its content. */
export interface FileRow {
  filename: string;
  /** Empty until its server has reported it. */
  contentType: string;
  /** Null until it was fetched. */
  sizeBytes: number | null;
}

export interface FullNotification {
  notification: NotificationRow;
  attachments: FileRow[];
  attempts: AttemptRow[];
  receipts: ReceiptRow[];
  history: HistoryEntry[];
}

/** The columns of NotificationRow, from `notifications n left join templates t`. */
export const notificationColumns = (sql: Reader) => sql`
  n.id, n.state, n.priority, n.category, n.channel, n.route, n.recipient_id as "recipientId", n.address,
  t.key as template, n.template_version as "templateVersion", n.locale, n.options,
  n.idempotency_key as "idempotencyKey", n.ordering_key as "orderingKey", n.origin_id as "campaignId",
  n.send_at as "sendAt", n.expires_at as "expiresAt", n.queued_at as "queuedAt",
  n.next_attempt_at as "nextAttemptAt", n.attempt_count as "attemptCount", n.provider,
  n.provider_message_id as "providerMessageId", n.error_code as "errorCode", n.error,
  n.created_at as "createdAt", n.updated_at as "updatedAt"`;

/** One notification of this tenant with its attempts and journal; null if the tenant has none of that id. */
export async function getNotification(
  sql: Reader,
  tenant: Tenant,
  id: string,
): Promise<FullNotification | null> {
  const [notification] = await sql<NotificationRow[]>`
    select ${notificationColumns(sql)}
    from notifications n left join templates t on t.id = n.template_id
    where n.id = ${id}::uuid and n.app_id = ${tenant.appId} and n.environment = ${tenant.environment}`;
  if (!notification) return null;
  // Read after the row: the journal can only be newer than the state, never lack the reason for it.
  const hasFiles = notification.options?.attachments_bytes !== undefined;
  const [attachments, attempts, receipts, history] = await Promise.all([
    hasFiles
      ? sql<FileRow[]>`
          select filename, content_type as "contentType", size_bytes as "sizeBytes"
          from attachments where notification_id = ${id}::uuid order by position`
      : [],
    sql<AttemptRow[]>`
      select n, phase, channel, provider, outcome, error_code as "errorCode", error,
        provider_message_id as "providerMessageId", latency_ms as "latencyMs", started_at as "startedAt",
        finished_at as "finishedAt"
      from delivery_attempts where notification_id = ${id}::uuid order by n`,
    receiptsOf(sql, id),
    sql<HistoryEntry[]>`
      select at, state, actor, reason, detail from notification_history
      where notification_id = ${id}::uuid order by id`,
  ]);
  return { notification, attachments, attempts, receipts, history };
}

/** The provider's reports on one notification, in the order in which they came. */
export async function receiptsOf(sql: Reader, id: string): Promise<ReceiptRow[]> {
  return sql<ReceiptRow[]>`
    select received_at as at, provider_account as account, kind, body ->> 'code' as code, body ->> 'detail' as detail,
      body ->> 'moved_to' as "movedTo"
    from provider_logs
    -- What was asked is in the journal; only what was reported is here.
    where notification_id = ${id}::uuid and applied_at is not null and kind <> 'asked' order by received_at`;
}
