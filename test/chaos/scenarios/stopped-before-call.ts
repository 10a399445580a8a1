import { readFileSync } from 'node:fs';
import { until } from '../../support/until.ts';
import type { Child } from '../cell/child.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import { columnNamed, type Scenario } from './scenario.ts';

export const STOPS_ITSELF = ['test/chaos/crash/crash-worker.ts', 'stop before the call'] as const;

/**
 * A worker is suspended between its last check and the call, until its lease has expired and another one has settled
 * the doubt and sent the message. When it resumes it must not send its message. Held against it: the check of the lease
 * immediately before the first byte.
 */
export const stoppedBeforeCall: Scenario = {
  name: 'stopped before its call',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('B (Twilio)');
    const sleeper = cell.startWorker(STOPS_ITSELF);
    await cell.isUp();
    const [asked] = await cell.ask(requestsOf(column, [messageTo(column, { key: 'm' })]));
    await isStopped(sleeper);
    cell.startWorker();
    await until('another worker to send it', () => cell.isTaken(asked!.id), {
      timeoutMs: 90_000,
      everyMs: 100,
    });
    // It gives up silently: the time in which everything must stay settled is its chance to send once more.
    sleeper.signal('SIGCONT');
    return {};
  },
};

/**
 * The same, but it resumes with a valid lease and an expired message. Held against it: the check of `expires_at`.
 */
export const wokenTooLate: Scenario = {
  name: 'woken too late',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    const sleeper = cell.startWorker(STOPS_ITSELF, { WORKER_LEASE_SECONDS: '60' });
    await cell.isUp();
    const [asked] = await cell.ask(requestsOf(column, [messageTo(column, { key: 'm', ttlSeconds: 2 })]));
    await isStopped(sleeper);
    await until('it to be too late', () => Date.now() > asked!.expiresAt! + 1_500, { timeoutMs: 20_000 });
    sleeper.signal('SIGCONT');
    await until(
      'it to come to an end',
      async () => ['expired', 'sent', 'delivered'].includes(await cell.stateOf(asked!.id)),
      {
        timeoutMs: 60_000,
        everyMs: 50,
      },
    );
    return {};
  },
};

export async function isStopped({ pid }: Child): Promise<void> {
  await until(
    'the worker to have stopped itself',
    () => / \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    {
      timeoutMs: 30_000,
    },
  );
}
