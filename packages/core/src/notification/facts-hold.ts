/**
 * How a preference takes effect by the time it is answered. A worker writes a call only while the facts about the
 * person's wishes are younger than FACTS_HOLD_MS; older facts are read again first. The process that commits a
 * restriction answers its caller ANSWER_AFTER_MS after the commit, where a call may be about to be written: by then
 * every call judged by older facts is written or will read them again.
 */
export const FACTS_HOLD_MS = 250;

/** Also covers the travel time of the first byte to the provider, and one late turn of an event loop. */
const ANSWER_AFTER_MS = FACTS_HOLD_MS + 100;

/** Resolves when no more calls are written from facts read before now. Called right after the commit. */
export function untilObeyed(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ANSWER_AFTER_MS);
  });
}
