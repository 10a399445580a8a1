import { type Breaker, coolDownSeconds } from '@carillon/core/breaker';
import { moveBreaker } from '@carillon/db/queries/breaker-move';
import { stayOpen } from '@carillon/db/queries/breaker-stay-open';
import { takeProbe } from '@carillon/db/queries/breaker-take-probe';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import { askProbe, PROBE_TIMEOUT_MS } from '../breaker/ask-probe.ts';
import type { Duty } from '../service.ts';

/**
 * The way back of an open breaker: when its cool-down is over, one worker asks the provider a question that sends
 * nothing. Healthy: half-open, and real messages decide. Not: it stays open, for twice as long.
 */
export interface ProbeOptions {
  sql: Sql;
  accounts: readonly ProviderAccount[];
  onChange?(breaker: Breaker, move: { to: 'half_open'; reason: string }): void;
}

/** Longer than a probe can take: if its worker dies meanwhile, another one probes then. */
const TAKEN_FOR_SECONDS = (PROBE_TIMEOUT_MS * 2) / 1000;

/** Between why it opened and what the last probe said; no times, so that a wait says the same as long as it lasts. */
const SINCE = '; probed since: ';

export function probe({ sql, accounts, onChange }: ProbeOptions): Duty {
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
      const due: Promise<void>[] = [];
      // Side by side: one provider that hangs must not keep another one waiting.
      for (;;) {
        const breaker = await takeProbe(
          sql,
          accounts.map(({ id }) => id),
          TAKEN_FOR_SECONDS,
        );
        if (!breaker) break;
        due.push(probeOne(breaker));
      }
      for (const probed of await Promise.allSettled(due))
        if (probed.status === 'rejected') throw probed.reason;
      return due.length;
    },
  };
}
