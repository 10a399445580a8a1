import { attemptId } from '@carillon/core/ids';
import type { Outcome } from '@carillon/core/outcome';
import { failureOutcome, LeaseOver } from '@carillon/providers/call-failure';
import { type Leases, UNRENEWED } from './leases.ts';
import type { Claimed, Steps } from './steps.ts';

/**
 * The send step: one provider call with our own deadline. Whatever an adapter throws is a bug, and a doubt. A call
 * whose lease is over is not made; the adapter asks once more in the moment before it writes. One that still waits for
 * its connection when the process stops is given up as well.
 */
export function createSend(
  timeoutMs: number,
  leases: Pick<Leases, 'hold' | 'stands' | 'mayWrite' | 'whenForbidden'> = UNRENEWED,
): Steps['send'] {
  return async (claimed, message, account) => {
    const startedAt = performance.now();
    // Whoever waited for a permit may have waited too long.
    if (isTooLate(claimed)) return { kind: 'too_late' };
    leases.hold(claimed);
    return {
      kind: 'answered',
      outcome: leases.stands(claimed) ? await callOnce() : givenUp(),
      account,
      latencyMs: Math.round(performance.now() - startedAt),
      message,
    };

    function givenUp(): Outcome {
      return failureOutcome(account.id, new LeaseOver(), 'started');
    }

    async function callOnce(): Promise<Outcome> {
      const deadline = new AbortController();
      let mayBeWritten = false;
      let tookBack = false;
      const stop = leases.whenForbidden(() => {
        if (mayBeWritten) return;
        tookBack = true;
        deadline.abort(new LeaseOver());
      });
      const timer = setTimeout(
        () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      try {
        const outcome = await account.adapter.send(message, {
          notificationId: claimed.id,
          attemptId: attemptId(claimed.id, claimed.attempt_count),
          signal: deadline.signal,
          ...(claimed.expires_at ? { expiresAt: claimed.expires_at } : {}),
          mayWrite: () => {
            const yes = leases.mayWrite(claimed) && !isTooLate(claimed);
            mayBeWritten ||= yes;
            return yes;
          },
        });
        return tookBack && outcome.class === 'transient' && outcome.phase === 'started' ? givenUp() : outcome;
      } catch (error) {
        // The request may have been written before the bug struck: only `in_doubt` is honest.
        return { class: 'in_doubt', code: 'adapter_threw', message: String(error), phase: 'written' };
      } finally {
        stop();
        clearTimeout(timer);
      }
    }
  };
}

const isTooLate = ({ expires_at: expiresAt }: Claimed): boolean =>
  expiresAt !== null && expiresAt.getTime() <= Date.now();
