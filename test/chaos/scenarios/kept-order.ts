import { messageTo, requestsOf } from '../cell/message.ts';
import { columnNamed, type Scenario } from './scenario.ts';

/**
 * Two of one ordering key; the provider asks the first to wait twice. The second waits as well. Held against it: the
 * check of the ordering queue in the claim.
 */
export const keptOrder: Scenario = {
  name: 'kept order',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    cell.startWorker();
    await cell.isUp();
    const first = messageTo(column, { key: 'first', word: 'throttle', orderingKey: 'line' });
    const second = messageTo(column, { key: 'second', orderingKey: 'line' });
    await cell.ask(requestsOf(column, [first, second]));
    return {};
  },
};

/** The provider asks one to wait until after it expires. Held against it: the checks of `expires_at`. */
export const expiredWaiting: Scenario = {
  name: 'expired waiting',
  settleMs: 60_000,
  async play(cell) {
    const column = columnNamed('A (Resend)');
    cell.startWorker();
    await cell.isUp();
    await cell.ask(requestsOf(column, [messageTo(column, { key: 'm', word: 'throttle', ttlSeconds: 1 })]));
    return {};
  },
};
