import { until } from '../../support/until.ts';
import { TEN_MINUTES_MS, wrongClock } from '../../support/wrong-clock.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import type { Finding } from '../judge/rules.ts';
import { columnNamed, type Scenario } from './scenario.ts';

/**
 * The only worker has a clock that is ten minutes fast, and messages expire after five. Held against it: that
 * PostgreSQL's clock decides about `expires_at`.
 */
export const fastClock: Scenario = {
  name: 'fast clock',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    cell.startWorker(undefined, wrongClock(TEN_MINUTES_MS));
    await cell.isUp();
    const messages = ['a', 'b', 'c'].map((key) => messageTo(column, { key, ttlSeconds: 300 }));
    const asked = await cell.ask(requestsOf(column, messages));
    const findings: Finding[] = [];
    for (const { id } of asked) {
      const ends = ['expired', 'sent', 'delivered'];
      await until('it to come to an end', async () => ends.includes(await cell.stateOf(id)), {
        timeoutMs: 60_000,
        everyMs: 50,
      });
      if ((await cell.stateOf(id)) === 'expired')
        findings.push({ rule: 'lost', id, why: 'it expired before its time' });
    }
    return { findings };
  },
};
