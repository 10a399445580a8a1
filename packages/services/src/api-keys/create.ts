import type { Environment } from '@carillon/core/notification/environment';
import { findApp } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import type { TransactionSql } from 'postgres';
import { checkedName } from '../apps/app-name.ts';
import { noSuchApp } from '../apps/find.ts';
import { type GivingContext, invalidField } from '../context.ts';
import { checkedScopes, type MintedKey, mintApiKey } from './mint.ts';
import { assertKeyInReach, assertMayGive } from './reach.ts';

export interface CreateKeyInput {
  appId: string;
  environment: Environment;
  name: string;
  scopes: readonly string[];
  /** Requests per second over all API processes; null is the configured default. */
  ratePerSecond: number | null;
  /** null: until it is revoked. */
  expiresAt: Date | null;
}

/**
 * Makes an API key. Its text is in the result and nowhere else.
 *
 * @throws ProblemError 403 for keys out of the actor's reach, 404 for an unknown app, 422.
 */
export async function createKey(ctx: GivingContext, input: CreateKeyInput): Promise<MintedKey> {
  const name = checkedName('name', input.name);
  assertKeyInReach(ctx, input.appId, input.environment);
  const scopes = checkedScopes(input.scopes, input.environment);
  if (ctx.reach.appId !== null && scopes.includes('installation'))
    throw invalidField(
      'scopes',
      'installation',
      'is given by a key that has it, or by "carillon-admin key create --installation"',
    );
  assertMayGive(ctx, scopes);
  return ctx.db.begin(async (tx) => {
    if ((await findApp(tx, input.appId)) === null) throw noSuchApp(input.appId);
    await assertFuture(tx, input.expiresAt);
    const minted = await mintApiKey(tx, { ...input, name, scopes });
    await auditKey(tx, ctx.actor, 'api_key.create', minted);
    return minted;
  });
}

/** @throws ProblemError 422 for a time in the past by PostgreSQL's clock. */
export async function assertFuture(tx: TransactionSql, expiresAt: Date | null): Promise<void> {
  if (expiresAt === null) return;
  const [row] = await tx<[{ over: boolean }]>`select ${expiresAt}::timestamptz <= now() as over`;
  if (row.over) throw invalidField('expires_at', expiresAt.toISOString(), 'is over; give a time to come');
}

/** The audit detail of a new key. */
export async function auditKey(
  tx: TransactionSql,
  actor: string,
  action: 'api_key.create' | 'api_key.rotate',
  { key }: MintedKey,
  more: Record<string, unknown> = {},
): Promise<void> {
  await audit(tx, {
    appId: key.appId,
    actor,
    action,
    subject: `api_key:${key.id}`,
    detail: {
      name: key.name,
      environment: key.environment,
      scopes: key.scopes,
      expires_at: key.expiresAt?.toISOString() ?? null,
      ...more,
    },
  });
}
