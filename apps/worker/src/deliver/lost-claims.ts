import { setTimeout as pause } from 'node:timers/promises';
import type { Claim } from '@carillon/db/queries/claim-notifications';
import { giveBackLostClaims } from '@carillon/db/queries/give-back-lost-claims';
import type { Sql } from 'postgres';

/**
 * What becomes of a claim whose statement broke: nobody knows whether it was committed, but whatever it claimed is
 * certainly unsent. It is looked for until its lease would be over, because it may still be on its way to PostgreSQL
 * (a frozen connection that thaws), and given back. What cannot be found in that time becomes a doubt.
 */
export function lostClaims(
  sql: Sql,
  onError: (error: unknown) => void,
): (ids: readonly string[], claim: Pick<Claim, 'leaseToken' | 'leaseMs'>, error: unknown) => void {
  const giveBack = async (ids: readonly string[], leaseToken: string, forMs: number): Promise<void> => {
    const giveUpAt = performance.now() + forMs;
    while (performance.now() < giveUpAt) {
      // It was one statement: all of it was committed, or nothing.
      const found = await giveBackLostClaims(sql, ids, leaseToken).catch(() => 0);
      if (found > 0) return;
      await pause(LOOK_EVERY_MS, undefined, { ref: false });
    }
  };
  return (ids, { leaseToken, leaseMs }, error) => {
    if (mayBeCommitted(error)) giveBack(ids, leaseToken, leaseMs).catch(onError);
  };
}

const LOOK_EVERY_MS = 1000;

/** A refusal of the server is an answer; without a connection nothing was asked. */
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
