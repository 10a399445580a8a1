import { isFree, NOT_FREE } from '@carillon/core/campaign/keys';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import { canonicalEmail } from '@carillon/core/recipient/email-address';
import { eventKey, randomIdempotencyKey } from '@carillon/core/text/ids';
import { show } from '@carillon/core/text/show';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type Submission, submissionOf } from '@carillon/services/notifications/accept-submission';
import { fieldErrors, invalid } from '../middleware/invalid.ts';
import { checkSend, routeOf } from './check-send.ts';
import { fingerprint } from './fingerprint.ts';
import { type SendRequest, sendSchema } from './send-schema.ts';

export interface PrepareOptions {
  headerKey?: string | undefined;
  /** Whether attachment URLs may point to private networks. */
  allowPrivate?: boolean | undefined;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Turns one JSON body into a row.
 *
 * @param now PostgreSQL's time, in ms since the epoch: the moment of acceptance.
 * @throws ProblemError naming every invalid field.
 */
export function prepare(
  body: unknown,
  tenant: Tenant,
  now: number,
  { headerKey, allowPrivate = false }: PrepareOptions = {},
): Submission {
  const parsed = sendSchema.safeParse(body);
  if (!parsed.success) throw invalid(fieldErrors(parsed.error, body));
  const request = parsed.data;
  const errors = checkSend(request, allowPrivate);
  if (errors.length > 0) throw invalid(errors);

  const key = chooseKey(request, headerKey);
  return submissionOf(tenant, request, routeOf(request), key, fingerprint(request), now);
}

function chooseKey(request: SendRequest, headerKey: string | undefined): string {
  if (headerKey !== undefined && !KEY.test(headerKey)) {
    throw invalid([
      {
        path: 'Idempotency-Key',
        message: `the header has ${headerKey.length} characters or one that is not visible ASCII; give 1 to 255 visible ASCII characters without spaces`,
      },
    ]);
  }
  if (headerKey !== undefined && !isFree(headerKey))
    throw invalid([{ path: 'Idempotency-Key', message: `${show(headerKey)} ${NOT_FREE}` }]);
  const bodyKey = request.idempotency_key;
  if (headerKey !== undefined && bodyKey !== undefined && headerKey !== bodyKey) {
    throw invalid([
      {
        path: 'idempotency_key',
        message: `"${bodyKey}" differs from the Idempotency-Key header "${headerKey}"; give one of the two, or the same twice`,
      },
    ]);
  }
  const given = headerKey ?? bodyKey;
  if (given !== undefined) return given;
  if (request.event_id === undefined) return randomIdempotencyKey();
  const { to } = request;
  const person =
    to.recipient_id ??
    canonicalJson(to.email === undefined ? to : { ...to, email: canonicalEmail(to.email)! });
  return eventKey(person, request.template ?? '', request.event_id);
}
