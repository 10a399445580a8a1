import type { Stretch } from './windows.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** At the first question most messages have arrived, or certainly not; few change after an hour. */
const FIRST_MS: readonly number[] = [30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
const THEN_EVERY_MS = 3 * HOUR_MS;

/** The last question comes this long after the provider has given the message up. */
const LAST_WORD_MS = 10 * MINUTE_MS;

/** As a rule a message is sent this soon after it was accepted; one that waited longer is found at a later age. */
export const SENT_WITHIN_MS = 10 * SECOND_MS;

/**
 * Pure: at which ages after a send its provider is queried about the outcome, ascending. At the last age it can have
 * nothing more to report.
 *
 * @param finalAfterMs when the provider gives a message up.
 */
export function askAges(finalAfterMs: number): number[] {
  const lastMs = finalAfterMs + LAST_WORD_MS;
  const ages = FIRST_MS.filter((ms) => ms < lastMs);
  for (let ms = FIRST_MS.at(-1)! + THEN_EVERY_MS; ms < lastMs; ms += THEN_EVERY_MS) ages.push(ms);
  return [...ages, lastMs];
}

/**
 * Pure: the stretches of creation time whose messages reached one of these ages between two turns. A turn does not read
 * everything younger than the oldest age, only a turn's worth of each age.
 */
export function comingOfAge(agesMs: readonly number[], sinceMs: number, untilMs: number): Stretch[] {
  const stretch = (ageMs: number): Stretch => {
    const offsetMs = ageMs + SENT_WITHIN_MS;
    return [sinceMs - offsetMs, untilMs - offsetMs];
  };
  return [...new Set(agesMs)].map(stretch);
}
