import { randomUUID } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import type { Priority } from '@carillon/core/notification/priority';
import { requestHash } from '@carillon/core/notification/request-hash';
import type { State } from '@carillon/core/notification/states';
import { notificationId } from '@carillon/core/text/ids';
import type { Sql } from 'postgres';

/** Rows for tests that begin behind the API. Each suite mints its own app; nothing is wiped. */
export interface NewNotification {
  appId: string;
  state: State;
  priority: Priority;
  channel: Channel;
  route: Channel[];
  email: string;
  sendAt: Date | null;
  expiresAt: Date | null;
  nextAttemptAt: Date | null;
  queuedAt: Date | null;
  /** Whether the outbox row is written with it, as the API does. */
  announced: boolean;
}

export async function insertApp(sql: Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`insert into apps (name) values ('Test app') returning id`;
  return row!.id;
}

/** Inserts a notification with inline content for every channel and returns its id. */
export async function insertNotification(
  sql: Sql,
  given: Partial<NewNotification> & { appId: string },
): Promise<string> {
  const key = randomUUID();
  const id = notificationId(given.appId, 'test', key);
  const n: NewNotification = {
    state: 'pending',
    priority: 'normal',
    channel: 'email',
    route: [given.channel ?? 'email'],
    email: `ok+${id.slice(0, 8)}@example.test`,
    sendAt: null,
    expiresAt: null,
    nextAttemptAt: null,
    queuedAt: null,
    announced: (given.state ?? 'pending') === 'pending',
    ...given,
  };
  const address = { email: n.email, phone: '+15005550006', push: { fcm_token: `ok-${id}` } };
  const text = `Hello from ${id}`;
  const content = { subject: 'Hello', text, title: 'Hello', body: text };
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content,
      idempotency_key, request_hash, send_at, expires_at, next_attempt_at, queued_at)
    values (${id}, ${n.appId}, ${n.state}, 'test', ${n.priority}, ${n.channel}, ${n.route}, ${sql.json(address)},
      ${sql.json(content)}, ${key}, ${requestHash(content)}, ${n.sendAt}, ${n.expiresAt}, ${n.nextAttemptAt}, ${n.queuedAt})
  `;
  if (n.announced) {
    await sql`insert into outbox (lane, ids, available_at) values (${`${n.channel}-${n.priority}`}, array[${id}::uuid], ${n.sendAt})`;
  }
  return id;
}

export interface StateRow {
  state: State;
  attempt_count: number;
  tries: number;
  error_code: string | null;
  provider: string | null;
  provider_message_id: string | null;
  next_attempt_at: Date | null;
}

export async function stateOf(sql: Sql, id: string): Promise<StateRow> {
  const [row] = await sql<StateRow[]>`
    select state, attempt_count, tries, error_code, provider, provider_message_id, next_attempt_at
    from notifications where id = ${id}
  `;
  if (!row) throw new Error(`no notification ${id}`);
  return row;
}
