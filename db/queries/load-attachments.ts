import type { Sql } from 'postgres';

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
