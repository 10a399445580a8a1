import type { Sql } from 'postgres';

export interface InboxEntry {
  notificationId: string;
  appId: string;
  environment: string;
  recipientId: string;
  title: string;
  body: string;
  url: string | null;
}

/**
 * Stores in-app messages. The key is the notification id: storing twice stores once. One whose recipient was erased this
 * moment is left out, rather than failing its neighbours by its foreign key.
 */
export async function storeInboxMessages(sql: Sql, entries: readonly InboxEntry[]): Promise<void> {
  await sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, url)
    select "notificationId", r.app_id, r.environment, r.id, title, body, url
    from json_to_recordset(${JSON.stringify(entries)}::text::json) as e (
      "notificationId" uuid, "appId" uuid, environment text, "recipientId" text, title text, body text, url text
    )
    join recipients r on r.app_id = e."appId" and r.environment = e.environment and r.id = e."recipientId"
    for key share of r
    on conflict (notification_id) do nothing
  `;
}
