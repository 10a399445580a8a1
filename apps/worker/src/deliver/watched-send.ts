import type { Breakers } from '../breaker/breakers.ts';
import type { Steps } from './steps.ts';

/** The send step under the eyes of the breakers: every call is counted, also while it is still unanswered. */
export function watchedSend(send: Steps['send'], breakers: Pick<Breakers, 'began'>): Steps['send'] {
  return async (claimed, message, account) => {
    const call = breakers.began(account.id);
    const end = await send(claimed, message, account);
    call.ended(end.kind === 'answered' ? end.outcome : null);
    return end;
  };
}
