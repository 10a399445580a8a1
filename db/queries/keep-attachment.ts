import type { Sql } from 'postgres';

export interface FetchedAttachment {
  notificationId: string;
  position: number;
  contentType: string;
  content: Buffer;
}

/**
 * Puts what was fetched in the place of its address: from now on every attempt sends these bytes, and nobody asks the
 * address again (it may have been good for minutes only).
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
