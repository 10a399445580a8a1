/** Local date and time of day: ms since the epoch as if the zone were UTC. */
export type WallMs = number;

/** A time zone: an IANA name or an offset such as `+02:00`, or minutes that UTC is ahead of it. */
export type Zone = string | number;

const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 1_000;
const MINUTE_MS = 60_000;

/** @throws RangeError for a name that is not a time zone. */
export function wallOf(instantMs: number, zone: Zone): WallMs {
  if (typeof zone === 'number') return instantMs - zone * MINUTE_MS;
  if (zone === 'UTC') return instantMs;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { ...SHOWN, timeZone: zone });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(zone, format);
  }
  const shown: Record<string, number> = {};
  let isBeforeChrist = false;
  for (const { type, value } of format.formatToParts(instantMs)) {
    if (type === 'era') isBeforeChrist = value.startsWith('B');
    else shown[type] = Number(value);
  }
  const year = isBeforeChrist ? 1 - shown.year! : shown.year!;
  const seconds = new Date(0).setUTCFullYear(year, shown.month! - 1, shown.day);
  const time = ((shown.hour! * 60 + shown.minute!) * 60 + shown.second!) * 1000;
  return seconds + time + (((instantMs % 1000) + 1000) % 1000);
}

/**
 * The instant at which the clock in this zone shows the given time. For a repeated time it is the first occurrence; a
 * time skipped by a clock change is shifted by the length of the change.
 */
export function instantOf(wall: WallMs, zone: Zone): number {
  if (typeof zone === 'number') return wall + zone * MINUTE_MS;
  if (zone === 'UTC') return wall;
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((near) => wallOf(near, zone) - near) as [
    number,
    number,
  ];
  const second = wall - after;
  const first = wall - before;
  return before !== after && wallOf(first, zone) !== wall && wallOf(second, zone) === wall ? second : first;
}

const DAY_MS = 86_400_000;

export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const SHOWN: Intl.DateTimeFormatOptions = {
  hourCycle: 'h23',
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
};
