import type { CodeTable } from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode, and the google.rpc statuses around it. */
export const FCM_CODES: CodeTable = {
  QUOTA_EXCEEDED: 'throttled',
  RESOURCE_EXHAUSTED: 'throttled',
  UNAVAILABLE: 'transient',
  INTERNAL: 'in_doubt',
  UNSPECIFIED_ERROR: 'in_doubt',
  INVALID_ARGUMENT: 'rejected',
  UNREGISTERED: 'bad_recipient',
  UNREGISTERED_FID: 'bad_recipient',
  // The token belongs to another project: this token, but no other, can never be reached.
  SENDER_ID_MISMATCH: 'bad_recipient',
  // Not FCM's: an internal name for an INVALID_ARGUMENT about the token.
  INVALID_TOKEN: 'bad_recipient',
  THIRD_PARTY_AUTH_ERROR: 'misconfigured',
  UNAUTHENTICATED: 'misconfigured',
  PERMISSION_DENIED: 'misconfigured',
};

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/**
 * The code in an error answer. `INVALID_ARGUMENT` means two things: with a BadRequest detail the message is wrong
 * (unless it names the token), with only an FcmError detail the token is.
 */
export function fcmErrorCode(body: JsonObject | null): unknown {
  const error = objectOf(body?.error);
  const details = Array.isArray(error?.details) ? error.details.map(objectOf) : [];
  const fcmError = details.find((detail) => detail?.['@type'] === FCM_ERROR);
  const code = fcmError?.errorCode ?? error?.status;
  if (code !== 'INVALID_ARGUMENT') return code;
  const badRequest = details.find((detail) => detail?.['@type'] === BAD_REQUEST);
  if (!badRequest) return fcmError ? 'INVALID_TOKEN' : code;
  const violations = Array.isArray(badRequest.fieldViolations) ? badRequest.fieldViolations : [];
  return violations.some((violation) => objectOf(violation)?.field === 'message.token')
    ? 'INVALID_TOKEN'
    : code;
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
}
