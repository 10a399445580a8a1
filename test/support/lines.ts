import { randomUUID } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import { HORIZON_MS } from '@carillon/core/notification/horizon';
import type { Priority } from '@carillon/core/notification/priority';
import { requestHash } from '@carillon/core/notification/request-hash';
import { notificationId } from '@carillon/core/text/ids';
import { acceptNotifications } from '@carillon/db/notifications/accept-notifications';
import type { Sql } from 'postgres';

/** A notification with an ordering key, as a test describes it. */
export interface InLine {
  /** Its ordering key; none is none. */
  key?: string;
  channel?: Channel;
  priority?: Priority;
  sendAt?: Date;
  expiresAt?: Date | undefined;
  environment?: 'test' | 'live';
}

/** Accepts notifications in this order in one commit, with the API's own statement. Returns their ids in this order. */
export async function acceptInLine(sql: Sql, appId: string, items: readonly InLine[]): Promise<string[]> {
  const rows = items.map(({ key, channel = 'email', priority = 'normal', environment = 'test', ...item }) => {
    const idempotencyKey = randomUUID();
    const id = notificationId(appId, environment, idempotencyKey);
    const mail = channel === 'email';
    return {
      id,
      app_id: appId,
      environment,
      priority,
      channel,
      route: [channel],
      address: { email: `ok+${id.slice(0, 8)}@example.test`, phone: '+15005550006' },
      content: mail ? { subject: 'Hello', text: `Hello from ${id}` } : { text: `Hello from ${id}` },
      idempotency_key: idempotencyKey,
      request_hash: `\\x${requestHash({ id }).toString('hex')}`,
      ordering_key: key,
      send_at: item.sendAt?.toISOString(),
      expires_at: item.expiresAt?.toISOString(),
    };
  });
  const { ids } = await acceptNotifications(sql, rows, HORIZON_MS);
  if (ids.length !== rows.length) throw new Error(`${ids.length} of ${rows.length} were stored`);
  return rows.map(({ id }) => id);
}
