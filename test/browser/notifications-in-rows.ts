import { laneOf } from '@carillon/core/notification/lane';
import { notificationId } from '@carillon/core/text/ids';
import type { Sql } from 'postgres';

/** An app with notifications in the states a page must show, written as the API and the workers would leave them. */
export interface Rows {
  delivered: string;
  dead: string;
  inDoubt: string;
  scheduled: string;
  /** Many delivered ones, so that the list has a second page. */
  many: string[];
}

const APP = '0f8fad5b-d9cb-469f-a165-708677289501';

export async function writeRows(sql: Sql, howMany = 60): Promise<Rows> {
  await sql`insert into apps (id, name) values (${APP}, 'Shop <b>&</b> Sons')`;
  await sql`insert into recipients (app_id, environment, id) values (${APP}, 'test', 'user_42')`;
  await sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    values (${APP}, 'test', 'user_42', 'email', 'ada.lovelace@example.com')`;
  const template = { subject: 'Shipped', text: 'Hello {{ name }}' };
  const [{ id: templateId }] = (await sql<{ id: string }[]>`
    insert into templates (app_id, environment, key, published_version)
    values (${APP}, 'test', 'order_shipped', 3) returning id`) as unknown as [{ id: string }];
  await sql`
    insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
    values (${templateId}, 3, 'email', 'en', ${JSON.stringify(template)}::text::jsonb, array['name'], 'test')`;

  const rows: Rows = {
    delivered: id('delivered'),
    dead: id('dead'),
    inDoubt: id('in-doubt'),
    scheduled: id('scheduled'),
    many: Array.from({ length: howMany }, (_, k) => id(`many-${k}`)),
  };
  const hash = Buffer.alloc(32);
  const insert = (
    notification: string,
    key: string,
    minutesAgo: number,
    columns: Record<string, string | number | Date | null>,
  ) => {
    const row = {
      id: notification,
      app_id: APP,
      environment: 'test',
      priority: 'normal',
      channel: 'email',
      recipient_id: 'user_42',
      template_id: templateId,
      template_version: 3,
      locale: 'en',
      category: 'orders',
      idempotency_key: key,
      request_hash: hash,
      created_at: ago(minutesAgo),
      updated_at: ago(minutesAgo),
      ...columns,
    };
    return sql`insert into notifications ${sql({ ...row, route: [row.channel] } as never)}`;
  };

  for (const [k, notification] of rows.many.entries()) {
    await insert(notification, `many-${k}`, 600 + k, {
      state: k % 9 === 0 ? 'suppressed' : 'delivered',
      priority: k % 3 === 0 ? 'bulk' : 'normal',
      provider: 'resend',
      queued_at: ago(600 + k),
      attempt_count: 1,
    });
  }
  await insert(rows.delivered, 'order-17', 12, {
    state: 'delivered',
    provider: 'resend',
    provider_message_id: 're_8f2c',
    queued_at: ago(12),
    attempt_count: 2,
    tries: 2,
  });
  await attempt(sql, rows.delivered, 1, 12, 'transient', '503', 'Service Unavailable');
  await attempt(sql, rows.delivered, 2, 11, 'accepted', null, null);
  await journal(sql, rows.delivered, 11.9, 'retrying', 'deliver', 'transient failure, next try in 30 s');
  await journal(sql, rows.delivered, 10, 'delivered', 'receipt', 'receipt: delivered');

  await insert(rows.dead, 'otp-9', 4, {
    state: 'dead',
    channel: 'sms',
    priority: 'critical',
    recipient_id: null,
    address: sql.json({ phone: '+15005550009' }) as never,
    template_id: null,
    template_version: null,
    locale: null,
    content: sql.json({ text: 'Your code is 123456' }) as never,
    category: 'security',
    provider: 'twilio',
    queued_at: ago(4),
    attempt_count: 1,
    tries: 1,
    error_code: '30003',
    error: '<script>alert("xss")</script> unreachable: +15005550009',
  });
  await attempt(sql, rows.dead, 1, 4, 'transient', '30003', 'unreachable destination handset +15005550009');
  await journal(sql, rows.dead, 3, 'dead', 'deliver', 'attempts used up');

  await insert(rows.inDoubt, 'invoice-3', 2, {
    state: 'in_doubt',
    category: 'billing',
    provider: 'smtp',
    queued_at: ago(2),
    attempt_count: 1,
    tries: 1,
    error_code: 'timeout',
    error: 'no answer within 10000 ms after the message was written',
  });
  await attempt(sql, rows.inDoubt, 1, 2, 'in_doubt', 'timeout', 'no answer within 10000 ms');
  await insert(rows.scheduled, 'spring-sale', 1, {
    state: 'scheduled',
    priority: 'bulk',
    channel: 'push',
    category: 'marketing',
    send_at: ago(-180),
    next_attempt_at: ago(-180),
  });
  return rows;
}

/** The lane of the dead one, where its failed job would be. */
export const DEAD_LANE = laneOf('sms', 'critical');

function id(key: string): string {
  return notificationId(APP, 'test', key);
}

function ago(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

async function attempt(
  sql: Sql,
  notification: string,
  n: number,
  minutesAgo: number,
  outcome: string,
  errorCode: string | null,
  error: string | null,
): Promise<void> {
  await sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome,
      error_code, error, provider_message_id, latency_ms)
    select id, ${n}, 'answered', channel, provider, ${ago(minutesAgo)}, ${ago(minutesAgo)}, ${outcome}, ${errorCode},
      ${error}, ${outcome === 'accepted' ? 're_8f2c' : null}, ${120 * n}
    from notifications where id = ${notification}`;
}

async function journal(
  sql: Sql,
  notification: string,
  minutesAgo: number,
  state: string,
  actor: string,
  reason: string,
): Promise<void> {
  await sql`
    insert into notification_history (notification_id, at, state, actor, reason)
    values (${notification}, ${ago(minutesAgo)}, ${state}, ${actor}, ${reason})`;
}
