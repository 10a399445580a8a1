import { until } from '../../support/until.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import type { Finding } from '../judge/rules.ts';
import { columnNamed, type Scenario } from './scenario.ts';
import { isStopped, STOPS_ITSELF } from './stopped-before-call.ts';

/**
 * An address is suppressed, and that is answered, while a message to it waits between its claim and its call. Held
 * against it: the check immediately before the first byte.
 */
export const wishedWhileWaiting: Scenario = {
  name: 'wished while it waited',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    const sleeper = cell.startWorker(STOPS_ITSELF, { WORKER_LEASE_SECONDS: '60' });
    await cell.isUp();
    const message = messageTo(column, { key: 'm' });
    const [asked] = await cell.ask(requestsOf(column, [message]));
    await isStopped(sleeper);
    const { email } = message.body.to as { email: string };
    const wish = { channel: 'email', address: email };
    const { status } = await cell.call(
      column.environment,
      '/v1/suppressions',
      wish,
      AbortSignal.timeout(8_000),
    );
    sleeper.signal('SIGCONT');
    const ends = ['suppressed', 'sent', 'delivered'];
    await until('it to come to an end', async () => ends.includes(await cell.stateOf(asked!.id)), {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    const findings: Finding[] = [];
    if (status !== 201) findings.push({ rule: 'unproven', id: asked!.id, why: `the wish got ${status}` });
    if (await cell.isTaken(asked!.id))
      findings.push({ rule: 'unwanted', id: asked!.id, why: 'its address was suppressed before the call' });
    return { findings };
  },
};
