import type { Sql } from 'postgres';

/** The tables that grow with traffic or with the number of people. The others are small in every installation. */
export const GROWING = [
  'notifications',
  'delivery_attempts',
  'notification_history',
  'outbox',
  'events',
  'event_deliveries',
  'provider_logs',
  'recipients',
  'contact_points',
  'inbox_messages',
  'suppressions',
  'cap_uses',
] as const;

const APP = '00000000-0000-4000-8000-000000000001';

/**
 * Fills the growing tables with so many rows each, most of them of delivered e-mails. Without triggers and foreign keys,
 * which only a superuser may leave out: a row takes some microseconds.
 *
 * @param sql a superuser's client of a database with any schema since 0016_find_messages
 */
export async function fillTables(sql: Sql, count: number): Promise<void> {
  const id = `('00000000-0000-8000-8000-' || lpad(to_hex(i), 12, '0'))::uuid`;
  const rows: Record<(typeof GROWING)[number], string> = {
    notifications: `
      (id, app_id, state, environment, priority, channel, route, address, content, idempotency_key, request_hash,
        attempt_count, tries, provider)
      select ${id}, '${APP}', 'sent', 'live', 'normal', 'email', '{email}',
        jsonb_build_object('email', 'person' || i || '@example.com'), '{"subject": "Hello", "text": "Hello, Ada"}',
        i::text, decode(md5(i::text), 'hex'), 1, 1, 'resend'`,
    delivery_attempts: `
      (notification_id, n, phase, channel, provider, finished_at, outcome, provider_message_id)
      select ${id}, 1, 'answered', 'email', 'resend', now(), 'accepted', i::text`,
    notification_history: `(notification_id, state, actor, reason) select ${id}, 'sent', 'worker', 'accepted'`,
    outbox: `(lane, ids) select 'email-normal', array[${id}]`,
    events: `
      (id, app_id, environment, type, notification_id, data)
      select ${id}, '${APP}', 'live', 'notification.sent', ${id}, '{}'`,
    event_deliveries: `(event_id, endpoint_id, state) select ${id}, '${APP}', 'delivered'`,
    provider_logs: `
      (provider_account, event_id, kind, notification_id, body)
      select 'resend', i::text, 'delivered', ${id}, '{}'`,
    recipients: `(app_id, environment, id) select '${APP}', 'live', 'user_' || i`,
    contact_points: `
      (app_id, environment, recipient_id, kind, address)
      select '${APP}', 'live', 'user_' || i, 'email', 'person' || i || '@example.com'`,
    inbox_messages: `
      (notification_id, app_id, environment, recipient_id, title, body)
      select ${id}, '${APP}', 'live', 'user_' || i, 'Hello', 'Hello, Ada'`,
    suppressions: `
      (app_id, environment, channel, address_hash, reason)
      select '${APP}', 'live', 'email', decode(md5(i::text), 'hex'), 'bounce'`,
    cap_uses: `
      (notification_id, app_id, environment, recipient_id, channel)
      select ${id}, '${APP}', 'live', 'user_' || i, 'email'`,
  };
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into apps (id, name) values (${APP}, 'Shop')`;
    for (const table of GROWING)
      await tx.unsafe(`insert into ${table} ${rows[table]} from generate_series(1, ${count}) i`);
  });
  await sql`analyze`;
}
