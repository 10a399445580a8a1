import { codeTable, misconfigured, refusedHere, throttled } from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

/**
 * Termii has no codes, only statuses and sentences: these are internal names for its "Common Errors". Anything else (a
 * bare 400, 404 or 422) goes to the next account. https://developers.termii.com/error/
 */
export const TERMII_CODES = codeTable([
  ['quota', ['insufficient_balance', 'daily_limit']],
  [throttled('account'), ['too_many_requests']],
  [
    misconfigured('account'),
    [
      'account_not_active',
      'invalid_api_key',
      'route_not_set_up',
      // WhatsApp: the account's own device.
      'device_not_found',
    ],
  ],
  // Also as a 404: "ApplicationSenderId not found for applicationId".
  [misconfigured('sender'), ['invalid_sender_id']],
  [
    refusedHere('recipient'),
    [
      // The number is on a do-not-disturb list: the `dnd` route and other providers reach it, so the recipient is not
      // bad.
      'dnd_active',
      // The country is not active for this account.
      'country_inactive',
      // The number is on the account's own blacklist, or at a network that it does not reach.
      'number_blocked',
      'network_unreachable',
    ],
  ],
  [refusedHere('message'), ['message_too_long', 'content_blocked']],
  ['bad_recipient', ['invalid_number']],
]);

/** The first match counts. A sentence about the sender id may name a number too, so it comes before the numbers. */
const SENTENCES: readonly [RegExp, string][] = [
  [/insufficient (balance|fund|credit|unit)/i, 'insufficient_balance'],
  [/daily (message )?limit/i, 'daily_limit'],
  [/too many (attempts|requests)|rate limit/i, 'too_many_requests'],
  [/account is not active|account .*(deactivated|disabled|suspended)/i, 'account_not_active'],
  [/invalid api ?key|api ?key .*(invalid|required|missing)/i, 'invalid_api_key'],
  [/not set ?up on this route/i, 'route_not_set_up'],
  [/sender ?id|sender ?name/i, 'invalid_sender_id'],
  [/device not found/i, 'device_not_found'],
  [/\bDND\b|do[- ]not[- ]disturb/i, 'dnd_active'],
  [/country (is )?(inactive|not (active|supported))/i, 'country_inactive'],
  [/blacklisted|blocked number|number .*blocked/i, 'number_blocked'],
  [/network .*(unreachable|not (reachable|supported))/i, 'network_unreachable'],
  [/(message|sms|text) .*(too long|exceeds)/i, 'message_too_long'],
  [/(spam|prohibited|forbidden|blocked) (content|word|keyword)/i, 'content_blocked'],
  [/invalid (phone|mobile|destination|recipient|number)|(phone|number) .*invalid/i, 'invalid_number'],
];

/** @returns the internal name of the answer; undefined for an unknown sentence. */
export function termiiCode(body: JsonObject | null): string | undefined {
  const sentence = sentenceOf(body);
  return SENTENCES.find(([words]) => words.test(sentence))?.[1];
}

/**
 * `{ "message": "..." }`, `{ "message": [{ "issue": "..." }] }` or `{ "error": "..." }`; never longer than a sentence.
 */
function sentenceOf(body: JsonObject | null): string {
  const [first] = Array.isArray(body?.message) ? body.message : [body?.message];
  const issue = typeof first === 'object' && first !== null ? (first as { issue?: unknown }).issue : first;
  const sentence = [issue, body?.error].find((text) => typeof text === 'string') as string | undefined;
  return sentence?.slice(0, 300) ?? '';
}
