import { instantOfLocal, localOfInstant } from '@carillon/core/recipient/local-time';
import type { PageFacts } from '@carillon/db/preferences/read-page';

type Recipient = Pick<NonNullable<PageFacts['recipient']>, 'pausedUntil' | 'timeZone'>;

const MAX_PAUSE_DAYS = 365;
const DAY_MS = 86_400_000;

/** The date that the page shows for a pause, where the person lives; empty without one. @param now ms since the epoch. */
export function pauseDate({ pausedUntil, timeZone }: Recipient, now: number): string {
  const untilMs = pausedUntil === null ? Number.NaN : Date.parse(pausedUntil);
  return untilMs > now ? dateOf(localOfInstant(untilMs, timeZone)) : '';
}

/** The last date that can be chosen. */
export function latestPause({ timeZone }: Recipient, now: number): string {
  return dateOf(localOfInstant(now, timeZone) + MAX_PAUSE_DAYS * DAY_MS);
}

/**
 * What the form says about the pause: until the first moment of the date, where the person lives.
 *
 * @returns RFC 3339; null to end it; undefined to leave it as it is: the date was not changed (a pause by the API may end
 *   at any time of that day), or it is none.
 */
export function chosenPause(
  form: URLSearchParams,
  recipient: Recipient,
  now: number,
): string | null | undefined {
  const date = form.get('paused_until');
  if (date === null || date === form.get('paused_was')) return undefined;
  if (date === '') return null;
  const wallMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(wallMs)) return undefined;
  const latest = Date.parse(`${latestPause(recipient, now)}T00:00:00Z`);
  const untilMs = instantOfLocal(Math.min(wallMs, latest), recipient.timeZone);
  return untilMs > now ? new Date(untilMs).toISOString() : null;
}

const dateOf = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 10);
