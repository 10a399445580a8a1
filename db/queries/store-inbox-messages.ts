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

/** Stores in-app messages. The key is the notification id: storing twice stores once. */
export async function storeInboxMessages(sql: Sql, entries: readonly InboxEntry[]): Promise<void> {
  await sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, url)
    select "notificationId", "appId", environment, "recipientId", title, body, url
    from json_to_recordset(${JSON.stringify(entries)}::text::json) as e (
      "notificationId" uuid, "appId" uuid, environment text, "recipientId" text, title text, body text, url text
    )
    on conflict (notification_id) do nothing
  `;
}
