import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import { type BreakerSighting, findLeftHealthy } from '../judge/left-healthy.ts';
import { columnNamed, type Scenario } from './scenario.ts';

const GOOD = 40;
const POISONED = 6;
/** Long enough for several repeats of each doubt; then they end. */
const TTL_SECONDS = 15;
const SETTLE_MS = 90_000;

/**
 * A healthy provider, and a few messages that it answers with an error whenever they are tried: together with forty
 * good ones, then nothing but their repeats. Held against it: the rule that distinguishes faults of messages from
 * faults of accounts.
 */
export const poisonedMessages: Scenario = {
  name: 'poisoned messages',
  settleMs: SETTLE_MS,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    cell.startWorker();
    await cell.isUp();
    const before = await until('the breaker to be entered', async () => {
      const seen = await breakersOf(cell, column.provider);
      return seen.length > 0 ? seen : null;
    });
    const good = Array.from({ length: GOOD }, (_, n) => messageTo(column, { key: `good-${n}` }));
    const poisoned = Array.from({ length: POISONED }, (_, n) =>
      messageTo(column, { key: `poisoned-${n}`, word: 'error', ttlSeconds: TTL_SECONDS }),
    );
    await cell.ask(requestsOf(column, [...poisoned.slice(0, 3), ...good, ...poisoned.slice(3)], true));
    await cell.settle(SETTLE_MS);
    const repeats = await repeatsIn(cell);
    return {
      findings: [
        ...findLeftHealthy(before, await breakersOf(cell, column.provider)),
        ...(repeats >= POISONED * 2
          ? []
          : [{ rule: 'unproven', id: 'repeats', why: `only ${repeats} calls were made again` } as const]),
      ],
    };
  },
};

async function breakersOf({ sql }: Cell, account: string): Promise<BreakerSighting[]> {
  const rows = await sql<(Omit<BreakerSighting, 'changedAt'> & { changed_at: Date })[]>`
    select account, state, changed_at, reason from circuit_breakers where account = ${account}`;
  return rows.map(({ changed_at: changedAt, ...row }) => ({ ...row, changedAt: changedAt.getTime() }));
}

async function repeatsIn({ sql }: Cell): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from notification_history
    where actor = 'resolver' and detail ->> 'decision' = 'repeat'`;
  return row.count;
}
