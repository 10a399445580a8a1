import { KEY_SCOPES, type KeyScope } from '@carillon/core/access/access';
import { createApiKey } from '@carillon/core/access/api-key';
import type { Environment } from '@carillon/core/notification/environment';
import { ProblemError } from '@carillon/core/text/problem';
import { type ApiKey, insertApiKey } from '@carillon/db/apps/api-keys';
import type { TransactionSql } from 'postgres';
import { invalidField } from '../context.ts';

/** A key with its text, which is shown only once and stored nowhere. */
export interface MintedKey {
  key: ApiKey;
  text: string;
}

export interface KeyWanted {
  appId: string;
  environment: Environment;
  name: string;
  /** As `checkedScopes` made them. */
  scopes: KeyScope[];
  ratePerSecond: number | null;
  expiresAt: Date | null;
}

/** Makes a key and its row, in a transaction that the caller audits. */
export async function mintApiKey(tx: TransactionSql, wanted: KeyWanted): Promise<MintedKey> {
  const { keyId, secretHash, text } = createApiKey(wanted.environment);
  return { key: await insertApiKey(tx, { ...wanted, id: keyId, secretHash }), text };
}

/**
 * @returns each scope once, in the order of the table; `installation` brings `admin` with it.
 * @throws ProblemError 422 for none or an unknown one, 403 for `installation` in a test key.
 */
export function checkedScopes(scopes: readonly string[], environment: Environment): KeyScope[] {
  const unknown = scopes.find((scope) => !(KEY_SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined)
    throw invalidField('scopes', unknown, `is no scope; the scopes are ${KEY_SCOPES.join(', ')}`);
  if (scopes.length === 0)
    throw invalidField('scopes', scopes, `is empty; give one at least of ${KEY_SCOPES.join(', ')}`);
  if (scopes.includes('installation') && environment !== 'live')
    throw new ProblemError(
      'wrong_environment',
      'A test key cannot have the scope installation: what belongs to the whole installation carries live traffic. Make a live key.',
    );
  const held = new Set(scopes.includes('installation') ? [...scopes, 'admin'] : scopes);
  return KEY_SCOPES.filter((scope) => held.has(scope));
}
