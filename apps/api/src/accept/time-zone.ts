import { readTimeZone } from '@carillon/core/recipient/time-zone';
import { z } from '@hono/zod-openapi';

/**
 * An IANA time zone, in its canonical case. A name, not an offset: an offset is wrong for half of the year; and not an
 * abbreviation, whose meaning differs by country.
 */
export function timeZone() {
  return z
    .string()
    .transform((text, context) => {
      const read = readTimeZone(text);
      if ('zone' in read) return read.zone;
      context.issues.push({ code: 'custom', message: read.problem, input: text });
      return z.NEVER;
    })
    .openapi({ maxLength: 64 });
}
