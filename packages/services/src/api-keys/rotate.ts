import type { KeyScope } from '@carillon/core/access/access';
import { ProblemError } from '@carillon/core/text/problem';
import { type ApiKey, lifetimeFromNow, replaceApiKeyRow } from '@carillon/db/apps/api-keys';
import type { GivingContext } from '../context.ts';
import { assertFuture, auditKey } from './create.ts';
import { type MintedKey, mintApiKey } from './mint.ts';
import { lockKeyInReach } from './reach.ts';

/** A day: enough for a deployment to switch. */
export const DEFAULT_OVERLAP_SECONDS = 86_400;
export const MAX_OVERLAP_SECONDS = 30 * 86_400;

/**
 * Replaces an active key with a new key of the same rights. The old one works for the overlap, never beyond its own
 * expiry; with an overlap of 0 it is revoked at once.
 *
 * @param input.expiresAt of the new key; omitted, it gets the lifetime of the old one.
 * @throws ProblemError 403, 404, 409 for a key that was revoked, has expired or was rotated before, 422.
 */
export async function rotateKey(
  ctx: GivingContext,
  input: { id: string; overlapSeconds: number; expiresAt?: Date | null | undefined },
): Promise<MintedKey & { old: ApiKey }> {
  return ctx.db.begin(async (tx) => {
    const before = await lockKeyInReach(ctx, tx, input.id);
    assertWorks(before);
    await assertFuture(tx, input.expiresAt ?? null);
    const expiresAt = input.expiresAt === undefined ? await lifetimeFromNow(tx, before.id) : input.expiresAt;
    const minted = await mintApiKey(tx, { ...before, scopes: before.scopes as KeyScope[], expiresAt });
    const old = await replaceApiKeyRow(tx, before.id, minted.key.id, input.overlapSeconds);
    await auditKey(tx, ctx.actor, 'api_key.rotate', minted, {
      replaces: before.id,
      overlap_seconds: input.overlapSeconds,
    });
    return { ...minted, old };
  });
}

function assertWorks({ id, state, replacedBy, revokedAt, expiresAt }: ApiKey): void {
  const why =
    state === 'revoked'
      ? `was revoked at ${revokedAt!.toISOString()}`
      : state === 'expired'
        ? `expired at ${expiresAt!.toISOString()}`
        : replacedBy === null
          ? null
          : `was rotated already: ${replacedBy} took its place`;
  if (why === null) return;
  const remedy = replacedBy === null ? 'Create a new one.' : `Rotate ${replacedBy}, or revoke ${id}.`;
  throw new ProblemError('invalid_state', `The API key ${id} ${why}. ${remedy}`);
}
