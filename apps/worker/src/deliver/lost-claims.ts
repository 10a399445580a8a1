import { setTimeout as pause } from 'node:timers/promises';
import type { Claim } from '@carillon/db/attempts/claim-notifications';
import { giveBackLostClaims } from '@carillon/db/attempts/leases';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { Sql } from 'postgres';

/**
 * Handles a claim whose statement broke: it is unknown whether it was committed, but whatever it claimed is certainly
 * unsent. It is looked for until its lease would be over, because it may still be on its way to PostgreSQL (a frozen
 * connection that thaws), and given back. A claim not found in that time becomes a doubt.
 */
export function giveBackIfCommitted(
  { sql, onError }: { sql: Sql; onError(error: unknown): void },
  ids: readonly string[],
  { leaseToken, leaseMs }: Pick<Claim, 'leaseToken' | 'leaseMs'>,
  error: unknown,
): void {
  if (mayBeCommitted(error)) giveBack(sql, ids, leaseToken, leaseMs).catch(onError);
}

async function giveBack(sql: Sql, ids: readonly string[], leaseToken: string, forMs: number): Promise<void> {
  const giveUpAt = performance.now() + forMs;
  while (performance.now() < giveUpAt) {
    // It was one statement: all of it was committed, or nothing.
    const found = await giveBackLostClaims(sql, ids, leaseToken).catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      return 0;
    });
    if (found > 0) return;
    await pause(LOOK_EVERY_MS, undefined, { ref: false });
  }
}

const LOOK_EVERY_MS = 1000;

/** A refusal by the server is an answer; without a connection no query was made. */
function mayBeCommitted(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return name !== 'PostgresError' && !NEVER_ASKED.has(code ?? '');
}

const NEVER_ASKED = new Set([
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
