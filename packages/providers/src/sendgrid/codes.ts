import { codeTable, misconfigured, refusedHere } from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

/**
 * SendGrid has no codes, only statuses, a field and prose: these are internal names for them. A bare 400 goes
 * to the next account. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors and
 * https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses
 */
export const SENDGRID_CODES = codeTable([
  ['quota', ['credits_exceeded']],
  ['bad_recipient', ['invalid_recipient']],
  // Also a 403: the sender is not a verified identity, or this key may not send from it.
  [misconfigured('sender'), ['invalid_from']],
  [misconfigured('account'), [405]],
  [
    // A field of the message that SendGrid rejects: another provider may accept it.
    refusedHere('message'),
    [
      'invalid_personalizations',
      'invalid_reply_to',
      'invalid_subject',
      'invalid_content',
      'invalid_attachments',
      'invalid_headers',
      'invalid_custom_args',
      406,
      413,
      415,
    ],
  ],
]);

/** The first error of `{ "errors": [{ "message", "field", "help" }] }` that is more specific than its status. */
export function sendgridCode(body: JsonObject | null): string | undefined {
  const errors = Array.isArray(body?.errors) ? body.errors.slice(0, 20) : [];
  for (const error of errors) {
    if (typeof error !== 'object' || error === null) continue;
    const { message, field } = error as { message?: unknown; field?: unknown };
    const words = typeof message === 'string' ? message.slice(0, 300) : '';
    // Returned with 401 or 403, like a wrong key, but the key is valid.
    if (/maximum credits exceeded/i.test(words)) return 'credits_exceeded';
    if (/not authorized to send from|verified sender identity/i.test(words)) return 'invalid_from';
    if (typeof field !== 'string') continue;
    if (/^personalizations\.\d+\.to(\.|$)/.test(field)) return 'invalid_recipient';
    const named = `invalid_${/^[a-z_]{1,30}/.exec(field)?.[0] ?? ''}`;
    if (Object.hasOwn(SENDGRID_CODES, named)) return named;
  }
  return undefined;
}
