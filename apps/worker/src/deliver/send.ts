import { attemptId } from '@carillon/core/ids';
import type { Outcome } from '@carillon/core/outcome';
import type { Steps } from './steps.ts';

/** The send step: one provider call with our own deadline. Whatever an adapter throws is a bug, and a doubt. */
export function createSend(timeoutMs: number): Steps['send'] {
  return async (claimed, message, account) => {
    const startedAt = performance.now();
    const outcome = await callOnce();
    return {
      kind: 'answered',
      outcome,
      account,
      latencyMs: Math.round(performance.now() - startedAt),
      message,
    };

    async function callOnce(): Promise<Outcome> {
      const deadline = new AbortController();
      const timer = setTimeout(
        () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      try {
        return await account.adapter.send(message, {
          notificationId: claimed.id,
          attemptId: attemptId(claimed.id, claimed.attempt_count),
          signal: deadline.signal,
        });
      } catch (error) {
        // The request may have been written before the bug struck: only `in_doubt` is honest.
        return { class: 'in_doubt', code: 'adapter_threw', message: String(error), phase: 'written' };
      } finally {
        clearTimeout(timer);
      }
    }
  };
}
