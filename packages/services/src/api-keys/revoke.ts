import { type ApiKey, revokeApiKeyRow } from '@carillon/db/apps/api-keys';
import { audit } from '@carillon/db/audit/audit';
import type { GivingContext } from '../context.ts';
import { lockKeyInReach } from './reach.ts';

/**
 * Revokes a key permanently. API processes cache a key for 5 s at most, so it is refused after that. A key that is
 * already revoked is left unchanged.
 *
 * @throws ProblemError 403, 404.
 */
export async function revokeKey(ctx: GivingContext, input: { id: string }): Promise<ApiKey> {
  return ctx.db.begin(async (tx) => {
    const before = await lockKeyInReach(ctx, tx, input.id);
    if (before.state === 'revoked') return before;
    const key = await revokeApiKeyRow(tx, before.id);
    await audit(tx, {
      appId: key.appId,
      actor: ctx.actor,
      action: 'api_key.revoke',
      subject: `api_key:${key.id}`,
      detail: { name: key.name, environment: key.environment },
    });
    return key;
  });
}
