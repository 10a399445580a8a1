import { codeTable, misconfigured, refusedHere, transient } from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
/** Postmark's codes look like HTTP statuses but mean something else: they get names that no status has. */
const named = (...codes: number[]): string[] => codes.map((code) => `error_${code}`);

/**
 * Every `ErrorCode` of https://postmarkapp.com/developer/api/overview#error-codes, and internal names for the causes of
 * a 300. Codes of other parts of the API never answer a send: they mean that the account's URL or token is for
 * something else.
 */
export const POSTMARK_CODES = codeTable([
  ['quota', named(405)], // Not allowed to send: out of credits
  [transient('provider'), named(100)], // Maintenance
  ['throttled', named(429)], // Rate limit exceeded
  // Marked inactive after a hard bounce or a complaint, or manually: other accounts must not try it either.
  ['bad_recipient', named(406)],
  [
    misconfigured('account'),
    [
      ...named(10), // Bad or missing API token
      ...named(12), // Resource not found
      ...named(412, 413), // The account is pending approval, or may not send
      ...named(1221, 1222, 1226, 1235, 1236), // The stream is unknown, or none to send by
      404,
      405,
    ],
  ],
  [
    misconfigured('sender'),
    [
      ...named(400, 401), // The sender signature is not there, or not confirmed
      'invalid_from',
    ],
  ],
  // Another provider may accept more kinds of addresses.
  [refusedHere('recipient'), ['invalid_to']],
  [
    refusedHere('message'),
    [
      ...named(11), // Several errors
      ...named(300), // Invalid email request
      ...named(402, 403), // Invalid JSON, invalid fields
      ...named(409, 410), // JSON required, too many messages
      ...named(411), // Forbidden attachment type
      ...named(1100, 1101, 1105, 1109, ...range(1120, 1123), 1125, 1130, 1131), // Templates
      406,
      413,
      415,
    ],
  ],
  [
    misconfigured('account'),
    [
      ...named(13), // Pagination
      ...named(407, 408), // Bounces, as they were numbered before
      ...named(...range(500, 507), ...range(510, 516), ...range(520, 522)), // Sender signatures and domains
      ...named(...range(600, 611)), // Servers
      ...named(...range(700, 703)), // Messages
      ...named(800, ...range(809, 813)), // Triggers and inbound rules
      ...named(900), // Statistics
      ...named(...range(1000, 1003)), // Bounces
      ...named(...range(1223, 1225), ...range(1227, 1234), 1237), // Managing streams
      ...named(...range(1300, 1302)), // Data removal
    ],
  ],
]);

/** @returns a name for the `ErrorCode`, more specific where 300 has several causes; undefined if there is none. */
export function postmarkCode(body: JsonObject | null): string | undefined {
  const code = body?.ErrorCode;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return undefined;
  if (code !== 300) return `error_${code}`;
  const words = typeof body?.Message === 'string' ? body.Message.slice(0, 300) : '';
  const field = /(?:invalid|parsing) '(to|from)'/i.exec(words)?.[1]?.toLowerCase();
  return field === undefined ? 'error_300' : `invalid_${field}`;
}
