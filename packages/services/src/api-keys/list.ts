import type { Environment } from '@carillon/core/notification/environment';
import { type ApiKey, listApiKeyPage } from '@carillon/db/apps/api-keys';
import type { ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';
import { assertKeyInReach } from './reach.ts';

/**
 * Keys within the actor's reach, newest first, including revoked and expired ones.
 *
 * @throws ProblemError 403 for a filter out of reach.
 */
export async function listKeys(
  ctx: ReachContext,
  input: PageInput & { appId?: string | undefined; environment?: Environment | undefined },
): Promise<Page<ApiKey>> {
  const appId = input.appId ?? ctx.reach.appId ?? undefined;
  const environment = input.environment ?? ctx.reach.environment ?? undefined;
  if (appId !== undefined) assertKeyInReach(ctx, appId, environment ?? 'live');
  return pageOf(input, (limit) => listApiKeyPage(ctx.db, { appId, environment }, input.after, limit));
}

/** A key as JSON, for the API and for carillon-admin --json: never its text. */
export function viewKey(key: ApiKey) {
  return {
    id: key.id,
    app_id: key.appId,
    environment: key.environment,
    name: key.name,
    scopes: key.scopes,
    state: key.state,
    rate_per_second: key.ratePerSecond,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    replaced_by: key.replacedBy,
  };
}
