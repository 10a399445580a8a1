import { accountTest } from '@carillon/core/account-test';
import type { Channel } from '@carillon/core/channel';
import { HORIZON_MS } from '@carillon/core/horizon';
import { notificationId } from '@carillon/core/ids';
import type { Priority } from '@carillon/core/priority';
import { requestHash } from '@carillon/core/request-hash';
import type { Sql } from 'postgres';
import type { DirectAddress } from '../schema/notifications.ts';
import type { Tenant } from '../tenant.ts';
import { acceptNotifications } from './accept-notifications.ts';
import { audit } from './audit.ts';

/** Who gets a test: checked before. */
export type Addressee = { address: DirectAddress } | { recipientId: string };

export interface AcceptedTest {
  id: string;
  priority: Priority;
  /** False: it was there before, by the same form, and nothing was stored. */
  fresh: boolean;
}

/**
 * Stores a test of a provider account that a person asks for, announces and audits it, in one commit.
 *
 * @param once whatever tells one form from the next: sent twice, the same form to the same addressee is one message.
 */
export async function acceptAccountTest(
  sql: Sql,
  { appId, environment }: Tenant,
  account: { id: string; channel: Channel },
  to: Addressee,
  once: string,
  actor: string,
): Promise<AcceptedTest> {
  const { channel, content, category, ttl_seconds } = accountTest(account);
  const hash = requestHash({ account: account.id, to, once }).toString('hex');
  const key = `test_${hash}`;
  const id = notificationId(appId, environment, key);
  const priority = 'normal';
  const row = {
    id,
    app_id: appId,
    environment,
    priority,
    channel,
    route: [channel],
    ...('address' in to ? { address: to.address } : { recipient_id: to.recipientId }),
    category,
    content,
    options: { account: account.id },
    idempotency_key: key,
    request_hash: `\\x${hash}`,
    expires_at: new Date(Date.now() + ttl_seconds * 1000).toISOString(),
  } as const;
  return sql.begin(async (tx) => {
    const { ids } = await acceptNotifications(tx, [row], HORIZON_MS);
    const fresh = ids.length > 0;
    if (fresh) {
      await audit(tx, {
        appId,
        actor,
        action: 'provider_account.test',
        subject: `provider_account:${account.id}`,
        detail: { notification: id },
      });
    }
    return { id, priority, fresh };
  });
}
