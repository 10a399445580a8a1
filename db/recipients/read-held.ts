import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import {
  type AttemptRow,
  type FileRow,
  type FullNotification,
  type HistoryEntry,
  type NotificationRow,
  notificationColumns,
  type ReceiptRow,
} from '../notifications/get-notification.ts';
import { sentToTheirAddresses } from './sent-to-addresses.ts';

/** A message that a person got, with what it was made of. */
export interface HeldNotification extends FullNotification {
  data: Record<string, unknown> | null;
  content: Record<string, unknown> | null;
}

export interface HeldInboxMessage {
  notificationId: string;
  title: string;
  body: string;
  url: string | null;
  createdAt: Date;
  seenAt: Date | null;
  readAt: Date | null;
  archivedAt: Date | null;
}

export interface HeldPosition {
  createdAt: string;
  id: string;
}

export interface HeldPage {
  notifications: HeldNotification[];
  /** Null where there are no older ones. */
  next: HeldPosition | null;
}

/**
 * The messages of a recipient, newest first: those that name them, and those to their addresses that name nobody.
 *
 * @param before where the previous page ended.
 */
export async function readHeldNotifications(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  before: HeldPosition | undefined,
  limit: number,
): Promise<HeldPage> {
  const { appId, environment } = tenant;
  const bare = await sentToTheirAddresses(sql, tenant, recipientId);
  const older =
    before === undefined
      ? sql``
      : sql`and (created_at, id) < (${before.createdAt}::text::timestamptz, ${before.id}::uuid)`;
  const found = await sql<
    (NotificationRow & Pick<HeldNotification, 'data' | 'content'> & { position: string })[]
  >`
    select ${notificationColumns(sql)}, n.data, n.content, n.created_at::text as position
    from (
      select id, created_at from (
        select id, created_at from notifications
        where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId} ${older}
        union
        select id, created_at from notifications
        where id = any (${bare}::uuid[]) and recipient_id is null ${older}
      ) theirs
      order by created_at desc, id desc limit ${limit + 1}
    ) page
    join notifications n on n.id = page.id left join templates t on t.id = n.template_id
    order by page.created_at desc, page.id desc`;
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const next = found.length > limit && last ? { createdAt: last.position, id: last.id } : null;
  const ids = rows.map(({ id }) => id);
  const [attempts, receipts, history, files] = await Promise.all([
    sql<Of<AttemptRow>[]>`
      select notification_id as of, n, phase, channel, provider, outcome, error_code as "errorCode", error,
        provider_message_id as "providerMessageId", latency_ms as "latencyMs", started_at as "startedAt",
        finished_at as "finishedAt"
      from delivery_attempts where notification_id = any (${ids}::uuid[]) order by n`,
    sql<Of<ReceiptRow>[]>`
      select notification_id as of, received_at as at, provider_account as account, kind, body ->> 'code' as code,
        body ->> 'detail' as detail, body ->> 'moved_to' as "movedTo"
      from provider_logs
      where notification_id = any (${ids}::uuid[]) and applied_at is not null and kind <> 'asked' order by received_at`,
    sql<Of<HistoryEntry>[]>`
      select notification_id as of, at, state, actor, reason, detail
      from notification_history where notification_id = any (${ids}::uuid[]) order by id`,
    sql<Of<FileRow>[]>`
      select notification_id as of, filename, content_type as "contentType", size_bytes as "sizeBytes"
      from attachments where notification_id = any (${ids}::uuid[]) order by position`,
  ]);
  const [attemptsOf, receiptsOf, historyOf, filesOf] = [
    grouped(attempts),
    grouped(receipts),
    grouped(history),
    grouped(files),
  ];
  const notifications = rows.map(({ data, content, position: _, ...notification }) => ({
    notification,
    data,
    content,
    attachments: filesOf(notification.id),
    attempts: attemptsOf(notification.id),
    receipts: receiptsOf(notification.id),
    history: historyOf(notification.id),
  }));
  return { notifications, next };
}

type Of<Row> = Row & { of: string };

function grouped<Row>(rows: readonly Of<Row>[]): (id: string) => Row[] {
  const byId = Map.groupBy(rows, ({ of }) => of);
  return (id) => (byId.get(id) ?? []).map(({ of: _, ...row }) => row as unknown as Row);
}

/** A recipient's in-app messages, newest first. */
export async function readHeldInbox(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientId: string,
  limit: number,
): Promise<HeldInboxMessage[]> {
  return sql<HeldInboxMessage[]>`
    select notification_id as "notificationId", title, body, url, created_at as "createdAt", seen_at as "seenAt",
      read_at as "readAt", archived_at as "archivedAt"
    from inbox_messages
    where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
    order by created_at desc limit ${limit}`;
}
