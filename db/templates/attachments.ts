import type { Sql } from 'postgres';

export interface FetchedAttachment {
  notificationId: string;
  position: number;
  contentType: string;
  content: Buffer;
}

/**
 * Replaces the URL of a file by its fetched content: from now on every attempt sends these bytes, and the URL is not
 * fetched again (it may have been valid for minutes only).
 *
 * @returns false if it has content already (a late worker fetched it too) or is gone (the recipient was erased).
 */
export async function keepAttachment(
  sql: Sql,
  { notificationId, position, contentType, content }: FetchedAttachment,
): Promise<boolean> {
  const rows = await sql`
    update attachments
    set content = ${content}, content_type = ${contentType}, size_bytes = ${content.length}, url = null
    where notification_id = ${notificationId}::uuid and position = ${position} and url is not null
    returning position`;
  return rows.length > 0;
}

/** A file of a notification: its content, or where to fetch it. */
export interface AttachmentRow {
  position: number;
  filename: string;
  /** Empty where only the server that has the file knows it. */
  contentType: string;
  content: Buffer | null;
  url: string | null;
}

/** The files of one notification, in order. */
export async function loadAttachments(sql: Sql, notificationId: string): Promise<AttachmentRow[]> {
  return sql<AttachmentRow[]>`
    select position, filename, content_type as "contentType", content, url
    from attachments where notification_id = ${notificationId}::uuid
    order by position`;
}
