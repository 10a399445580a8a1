/** No provider needs more than this; a larger value is an error or malice and must not delay a message for years. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000;

/**
 * Reads a `Retry-After` header: seconds or an HTTP date (RFC 9110, section 10.2.3).
 *
 * @returns milliseconds from `nowMs`, at most a day; undefined if it is missing or invalid.
 */
export function retryAfterMs(
  header: string | string[] | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (text === undefined || text === '') return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : httpDate(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, MAX_WAIT_MS) : undefined;
}

/**
 * The three forms that recipients must take (RFC 9110, section 5.6.7). Only real HTTP dates begin with a weekday;
 * Date.parse alone would read `-5` as a year, and the asctime form in the local time zone.
 */
function httpDate(text: string): number {
  if (/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/.test(text)) return Date.parse(`${text} GMT`);
  return /^[A-Z][a-z]+, /.test(text) ? Date.parse(text) : Number.NaN;
}
