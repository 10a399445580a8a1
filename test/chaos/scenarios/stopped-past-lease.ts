import { until } from '../../support/until.ts';
import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * A worker is suspended during a call until its lease has expired and the doubt is declared; then it resumes with the
 * provider's answer. It may add a note, and change nothing. Held against it: the lease guard of the record.
 */
export const stoppedPastLease: Scenario = {
  name: 'stopped past its lease',
  settleMs: 60_000,
  async play(cell) {
    // Long enough that on waking it finds the answer, not its own deadline.
    const sleeper = cell.startWorker(undefined, { SEND_TIMEOUT_MS: '60000' });
    await cell.isUp();
    const [asked] = await cell.ask(oneOfEach('slow', ['D (SMTP), at_most_once']));
    const stateOf = async () => {
      const [row] = await cell.sql<[{ state: string; open: number }]>`
        select state, (select count(*)::int from delivery_attempts where finished_at is null) as open
        from notifications where id = ${asked!.id}`;
      return row;
    };
    await until('the call to have begun', async () => cell.isTaken(asked!.id), {
      timeoutMs: 20_000,
      everyMs: 5,
    });
    sleeper.signal('SIGSTOP');
    const from = Date.now();
    cell.startWorker();
    await until('the doubt to be declared', async () => (await stateOf()).state !== 'sending', {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    sleeper.signal('SIGCONT');
    // Its result is recorded either way: as a state, or as a note in the timeline.
    await until(
      'the sleeper to have spoken',
      async () => {
        const [late] = await cell.sql`
          select 1 from notification_history where notification_id = ${asked!.id} and actor = 'deliver'`;
        return late !== undefined || (await stateOf()).state === 'sent';
      },
      { timeoutMs: 30_000, everyMs: 50 },
    );
    const to = Date.now();
    return {
      faults: [{ kind: 'SIGSTOP past the lease', target: 'worker', from, to, delaysProviders: false }],
    };
  },
};
