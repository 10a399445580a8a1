import type { InboxOwner } from '@carillon/core/inbox/message';
import { storeInboxMessages } from '@carillon/db/inbox/store-messages';
import type { Sql } from 'postgres';
import { insertNotification } from './rows.ts';

/** A recipient of the environment `live` without contact points. */
export async function insertRecipient(sql: Sql, appId: string, id: string): Promise<InboxOwner> {
  await sql`insert into recipients (app_id, environment, id) values (${appId}, 'live', ${id}) on conflict do nothing`;
  return { appId, environment: 'live', recipientId: id };
}

/** A delivered in-app notification and its message, stored by the statement of the workers. @returns its id. */
export async function deliverInApp(
  sql: Sql,
  owner: InboxOwner,
  { title = 'Hello', category = null }: { title?: string; category?: string | null } = {},
): Promise<string> {
  const id = await insertNotification(sql, { appId: owner.appId, channel: 'in_app', announced: false });
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
    values (${id}, 1, 'answered', 'in_app', 'inbox', now(), 'accepted', ${id})`;
  await sql`
    update notifications set state = 'delivered', provider = 'inbox', provider_message_id = id::text, attempt_count = 1,
      environment = ${owner.environment}, recipient_id = ${owner.recipientId}, category = ${category}
    where id = ${id}`;
  await storeInboxMessages(sql, [{ ...owner, notificationId: id, title, body: `About ${title}`, url: null }]);
  return id;
}
