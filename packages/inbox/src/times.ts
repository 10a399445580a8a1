const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "2 hours ago"; a date from a week on. */
export function ago(at: string, now: number, locale: string): string {
  const seconds = Math.min(0, Math.round((Date.parse(at) - now) / 1_000));
  if (seconds < -7 * 86_400)
    return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(Date.parse(at));
  const [unit, size] = UNITS.find(([, length]) => -seconds >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

/** Date and time, in words of this language. */
export const dateAndTime = (at: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));

const MORNING = 9;

/** When a snooze ends, in the time of the person's machine: tomorrow and next week mean 9 in the morning. */
export const SNOOZES = {
  hour: (now: Date): Date => new Date(now.getTime() + 3_600_000),
  tomorrow: (now: Date): Date => morning(now, 1),
  /** The next Monday. */
  week: (now: Date): Date => morning(now, (8 - now.getDay()) % 7 || 7),
};

export type Snooze = keyof typeof SNOOZES;

const morning = (now: Date, days: number): Date =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
