import { eventKey, notificationId, randomIdempotencyKey } from '@carillon/core/ids';
import type { PushTarget } from '@carillon/core/message';
import type { ProblemError } from '@carillon/core/problem';
import { canonicalJson } from '@carillon/core/request-hash';
import type { NewNotification } from '@carillon/db/queries/accept-notifications';
import type { Caller } from '../deps.ts';
import { fieldErrors, invalid } from '../middleware/invalid.ts';
import { attachmentsBytes } from './check-attachments.ts';
import { checkSend, routeOf } from './check-send.ts';
import { fingerprint } from './fingerprint.ts';
import { type SendRequest, sendSchema } from './send-schema.ts';

/** A request that is right in itself. What it refers to (template, recipient) is looked up together with its group. */
export interface Submission {
  row: NewNotification;
  template: string | null;
  /** A refusal that holds only for new requests: a repeat of an accepted one gets its old answer even so. */
  refusal: ProblemError | null;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Turns one JSON body into a row.
 *
 * @param headerKey the Idempotency-Key header, if there is one for this item.
 * @throws ProblemError naming every field that is wrong.
 */
export function prepare(body: unknown, caller: Caller, headerKey?: string, allowPrivate = false): Submission {
  const parsed = sendSchema.safeParse(body);
  if (!parsed.success) throw invalid(fieldErrors(parsed.error, body));
  const request = parsed.data;
  const errors = checkSend(request, allowPrivate);
  if (errors.length > 0) throw invalid(errors);

  const key = chooseKey(request, headerKey);
  const route = routeOf(request);
  const now = Date.now();
  const sendAt = request.send_at === undefined ? undefined : new Date(request.send_at);
  const expiresAt = expiryOf(request, sendAt, now);
  return {
    template: request.template ?? null,
    refusal: expiresAt !== undefined && expiresAt <= now ? expired(request) : null,
    row: {
      id: notificationId(caller.appId, caller.environment, key),
      app_id: caller.appId,
      environment: caller.environment,
      priority: request.priority,
      channel: route[0]!,
      route,
      recipient_id: request.to.recipient_id,
      address: addressOf(request),
      category: request.category,
      locale: request.locale,
      data: request.template === undefined ? undefined : (request.data ?? {}),
      content: request.content as NewNotification['content'],
      options: optionsOf(request),
      idempotency_key: key,
      request_hash: fingerprint(request),
      ordering_key: request.ordering_key,
      send_at: sendAt?.toISOString(),
      expires_at: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
      attachments: request.attachments,
    },
  };
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
  const person = request.to.recipient_id ?? canonicalJson(request.to);
  return eventKey(person, request.template ?? '', request.event_id);
}

function expiryOf(request: SendRequest, sendAt: Date | undefined, now: number): number | undefined {
  if (request.expires_at !== undefined) return Date.parse(request.expires_at);
  if (request.ttl_seconds === undefined) return undefined;
  return Math.max(sendAt?.getTime() ?? now, now) + request.ttl_seconds * 1000;
}

function expired(request: SendRequest): ProblemError {
  return invalid([
    { path: 'expires_at', message: `${request.expires_at} has passed; give a time that is still to come` },
  ]);
}

function addressOf({ to }: SendRequest): NewNotification['address'] {
  if (to.email === undefined && to.phone === undefined && to.push === undefined) return undefined;
  return {
    ...(to.email === undefined ? {} : { email: to.email }),
    ...(to.phone === undefined ? {} : { phone: to.phone }),
    ...(to.push === undefined ? {} : { push: pushTargetOf(to.push) }),
  };
}

function pushTargetOf(push: NonNullable<SendRequest['to']['push']>): PushTarget {
  if (push.subscription) {
    return { subscription: { endpoint: push.subscription.endpoint, keys: push.subscription.keys } };
  }
  return push.fcm_token === undefined ? { apns_token: push.apns_token! } : { fcm_token: push.fcm_token };
}

function optionsOf(request: SendRequest): NewNotification['options'] {
  const { from, reply_to, event_id, metadata, attachments } = request;
  if ([from, reply_to, event_id, metadata, attachments].every((option) => option === undefined))
    return undefined;
  return {
    ...(from === undefined ? {} : { from }),
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(event_id === undefined ? {} : { event_id }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(attachments === undefined ? {} : { attachments_bytes: attachmentsBytes(attachments) }),
  };
}
