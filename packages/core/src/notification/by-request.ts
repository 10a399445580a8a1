import { STATES, type State, TRANSITIONS } from './states.ts';

/**
 * The states from which a request may move a notification to `to`, derived from the transition table by its reasons.
 */
function sourcesByRequest(to: State, reason: string): readonly State[] {
  return STATES.filter((from) => TRANSITIONS[from][to]?.includes(reason));
}

/** From which a notification can be cancelled. */
export const CANCELLABLE = sourcesByRequest('cancelled', 'by request');

/** From which a notification can be rescheduled. */
export const RESCHEDULABLE = sourcesByRequest('scheduled', 'rescheduled by request');

/** From which a person can start a new cycle of attempts. */
export const RETRYABLE = sourcesByRequest('pending', 'a person');

/** From which a person can settle it as sent. */
export const SETTLEABLE = sourcesByRequest('sent', 'a person');
