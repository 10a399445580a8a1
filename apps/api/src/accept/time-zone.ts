import { z } from '@hono/zod-openapi';

/** An IANA time zone. A name, not an offset: an offset is wrong for half of the year. */
export function timeZone() {
  return z
    .string()
    .max(64)
    .refine(isTimeZone, { error: 'is not an IANA time zone; give one such as Europe/Berlin or UTC' });
}

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
  } catch {
    return false;
  }
}
