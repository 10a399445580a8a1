import { randomUUID } from 'node:crypto';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { Sql } from 'postgres';

export interface PastSends {
  appId: string;
  /** When they were accepted by the API. */
  createdAt: Date;
  count?: number;
  environment?: Environment;
  priority?: Priority;
  /** The end of the one call of each; without it there was none. */
  endedAt?: Date;
  sendAt?: Date;
  account?: string;
  outcome?: OutcomeClass;
  callMs?: number;
}

/** Notifications of some moment and their calls, as rows. */
export async function insertPastSends(sql: Sql, sends: PastSends): Promise<void> {
  const {
    appId,
    createdAt,
    count = 1,
    environment = 'test',
    priority = 'normal',
    endedAt,
    sendAt,
    account = 'simulator',
    outcome = 'accepted',
    callMs = 40,
  } = sends;
  const batch = randomUUID();
  await sql`
    with made as (
      insert into notifications (id, app_id, created_at, state, environment, priority, channel, route, address, content,
        idempotency_key, request_hash, send_at)
      select gen_random_uuid(), ${appId}, ${createdAt}, 'skipped', ${environment}, ${priority}, 'email', array['email'],
        '{"email":"a@b.test"}', '{"text":"t"}', ${batch} || n, '\\x00', ${sendAt ?? null}
      from generate_series(1, ${count}::int) n returning id
    )
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome,
      provider_message_id, latency_ms)
    select id, 1, 'answered', 'email', ${account}, ${endedAt ?? null}, ${endedAt ?? null}, ${outcome}, 'm-' || id, ${callMs}
    from made where ${endedAt !== undefined}`;
}
