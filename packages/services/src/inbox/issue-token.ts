import { makeRecipientToken, type RecipientScope } from '@carillon/core/access/recipient-token';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { findInboxRecipient, type InboxRecipient } from '@carillon/db/inbox/recipient';
import type { ServiceContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from '../recipients/no-such-recipient.ts';

/**
 * Makes a token for the browser of a recipient. Nothing is stored: it ends by itself, or with its recipient.
 *
 * @returns the token, and when it ends by PostgreSQL's clock.
 * @throws ProblemError 404.
 */
export async function issueRecipientToken(
  { db }: Pick<ServiceContext, 'db'>,
  ring: KeyRing,
  {
    tenant,
    recipientId,
    scopes,
    ttlSeconds,
  }: RecipientInput & { scopes: readonly RecipientScope[]; ttlSeconds: number },
): Promise<{ token: string; expiresAt: Date }> {
  const { appId, environment } = tenant;
  const owner = { appId, environment, recipientId };
  const recipient: InboxRecipient | null = await findInboxRecipient(db, owner);
  if (recipient === null) throw noSuchRecipient(recipientId);
  const madeAt = recipient.now.getTime();
  const until = madeAt + ttlSeconds * 1000;
  return { token: makeRecipientToken(ring, { owner, scopes, madeAt, until }), expiresAt: new Date(until) };
}
