import type { HttpAnswer } from '../http/http-client.ts';
import {
  codeTable,
  misconfigured,
  refusedEverywhere,
  refusedHere,
  transient,
} from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

/**
 * Every name of https://resend.com/docs/api-reference/errors, and internal names for the causes of a
 * `validation_error`.
 */
export const RESEND_CODES = codeTable([
  ['throttled', ['rate_limit_exceeded']],
  ['quota', ['daily_quota_exceeded', 'monthly_quota_exceeded']],
  // The first request with this key is still in progress.
  [transient('message'), ['concurrent_idempotent_requests']],
  ['in_doubt', ['application_error', 'internal_server_error']],
  [
    refusedHere('message'),
    ['validation_error', 'invalid_attachment', 'invalid_parameter', 'missing_required_field'],
  ],
  // Not Resend's name: a `validation_error` on the field `to`. Another provider may accept more kinds of addresses.
  [refusedHere('recipient'), ['invalid_to']],
  [
    // The key was used with another body: an internal error, and the first body was sent.
    refusedEverywhere('message'),
    ['invalid_idempotent_request', 'invalid_idempotency_key'],
  ],
  [
    misconfigured('account'),
    [
      'missing_api_key',
      'invalid_api_key',
      'restricted_api_key',
      'invalid_access',
      'invalid_region',
      'not_found',
      'method_not_allowed',
      'security_error',
      // Not Resend's name: until a domain is verified, only the owner of the account may receive mail.
      'testing_only',
    ],
  ],
  // `unverified_domain` is not Resend's name: a 403 `validation_error`, see below.
  [misconfigured('sender'), ['invalid_from_address', 'unverified_domain']],
]);

/** @returns the name of the error, more specific where `validation_error` has several causes. */
export function resendCode({ status }: HttpAnswer, body: JsonObject | null): unknown {
  if (body?.name !== 'validation_error') return body?.name;
  const words = typeof body.message === 'string' ? body.message.slice(0, 300) : '';
  if (/testing (emails|domain)/i.test(words)) return 'testing_only';
  if (status === 403) return 'unverified_domain';
  const field = /invalid `(\w+)` field/i.exec(words)?.[1];
  if (field === 'to') return 'invalid_to';
  return field === 'from' ? 'invalid_from_address' : 'validation_error';
}
