import { type Breaker, coolDownSeconds } from '@carillon/core/provider/breaker';
import { moveBreaker, stayOpen, takeProbe } from '@carillon/db/breakers/moves';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import { askProbe, probeTimeoutMs } from '../breaker/ask-probe.ts';
import type { Duty } from '../service.ts';

/**
 * How an open breaker recovers: when its cool-down is over, one worker probes the provider without sending anything.
 * Healthy: half-open, and real messages decide. Not: it stays open, for twice as long.
 */
export interface ProbeOptions {
  sql: Sql;
  accounts: readonly ProviderAccount[];
  /** As this process knows it; PostgreSQL is queried only for these. */
  isOpen?(account: string): boolean;
  onChange?(breaker: Breaker, move: { to: 'half_open'; reason: string }): void;
}

/** Longer than a probe can take: if its worker dies meanwhile, another one probes then. */
const takenForSeconds = ({ adapter }: ProviderAccount): number => (probeTimeoutMs(adapter) * 2) / 1000;

/**
 * Joins the reason for opening and the last probe result; no times, so that a wait has the same text as long as it
 * lasts.
 */
const SINCE = '; probed since: ';

export function probe({ sql, accounts, isOpen = () => true, onChange }: ProbeOptions): Duty {
  const probeOne = async (breaker: Breaker): Promise<void> => {
    const account = accounts.find(({ id }) => id === breaker.account);
    if (!account) return;
    const answer = await askProbe(account.adapter);
    const opened = breaker.reason?.split(SINCE)[0] ?? 'opened';
    if (answer.healthy) {
      const move = {
        to: 'half_open',
        reason: account.adapter.probe ? 'the probe found it healthy' : 'cooled down',
      } as const;
      if (await moveBreaker(sql, breaker, move)) onChange?.(breaker, move);
    } else {
      await stayOpen(
        sql,
        breaker,
        `${opened}${SINCE}${answer.why}`,
        coolDownSeconds(breaker.coolDownSeconds, 0),
      );
    }
  };

  return {
    name: 'probe',
    everyMs: 500,
    async runOnce() {
      const open = accounts.filter(({ id }) => isOpen(id));
      const due: Promise<void>[] = [];
      // In parallel: one provider that hangs must not delay another.
      for (const [seconds, alike] of Map.groupBy(open, takenForSeconds)) {
        const ids = alike.map(({ id }) => id);
        for (;;) {
          const breaker = await takeProbe(sql, ids, seconds);
          if (!breaker) break;
          due.push(probeOne(breaker));
        }
      }
      for (const probed of await Promise.allSettled(due))
        if (probed.status === 'rejected') throw probed.reason;
      return due.length;
    },
  };
}
