import { OLDER_NAMES, ZONES } from './time-zone-names.ts';

/**
 * The canonical form of a time zone: a name of the IANA database that PostgreSQL and ICU know, in its official case.
 */

const BY_LOWER = new Map(
  [
    'UTC',
    'GMT',
    ...Object.entries(ZONES).flatMap(([area, places]) =>
      places
        .trim()
        .split(/\s+/)
        .map((place) => `${area}/${place}`),
    ),
  ].map((name) => [name.toLowerCase(), name]),
);
const OLDER_BY_LOWER = new Map(Object.entries(OLDER_NAMES).map(([name, zone]) => [name.toLowerCase(), zone]));

/** Every accepted name. */
export const TIME_ZONES: readonly string[] = [...BY_LOWER.values()];

/**
 * @returns the zone, or the fault: a text that completes the sentence `"<value>" ...`. A name in another case gets the
 * official one; an older name with a slash (`US/Eastern`) becomes the zone that it means. One without (`EST`, `Japan`)
 * is refused with that zone as the remedy: such names look like abbreviations, which mean another zone in each country.
 */
export function readTimeZone(text: string): { zone: string } | { problem: string } {
  const name = text.toLowerCase();
  const older = OLDER_BY_LOWER.get(name);
  const zone = BY_LOWER.get(name) ?? (name.includes('/') ? older : undefined);
  if (zone !== undefined && isKnownToIcu(zone)) return { zone };
  if (older !== undefined)
    return { problem: `is not an IANA time zone of an area and a place; give ${older}` };
  return { problem: 'is not an IANA time zone; give one such as Europe/Berlin or UTC' };
}

/** Asking ICU takes 100 us, and an import asks for each of its rows; there are some hundred names. */
const knownToIcu = new Map<string, boolean>();

/** @param timeZone one of the names above. */
function isKnownToIcu(timeZone: string): boolean {
  const known = knownToIcu.get(timeZone) ?? askIcu(timeZone);
  knownToIcu.set(timeZone, known);
  return known;
}

function askIcu(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}
