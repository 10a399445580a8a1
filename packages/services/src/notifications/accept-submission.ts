import { attachmentsBytes } from '@carillon/core/notification/attachment';
import type { Channel } from '@carillon/core/notification/channel';
import type { Content, PushOptions, PushTarget } from '@carillon/core/notification/message';
import type { Priority } from '@carillon/core/notification/priority';
import { categoryName } from '@carillon/core/provider/visible-text';
import { canonicalEmail } from '@carillon/core/recipient/email-address';
import {
  canonicalApnsToken,
  canonicalAuthSecret,
  canonicalEndpoint,
  canonicalP256dh,
} from '@carillon/core/recipient/push-address';
import { notificationId } from '@carillon/core/text/ids';
import type { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { NewAttachment, NewNotification } from '@carillon/db/notifications/accept-notifications';
import { refusedField } from '../context.ts';

/** A valid request. The template and recipient it refers to are looked up together with its group. */
export interface Submission {
  row: NewNotification;
  template: string | null;
  /** A refusal for new requests only: a repeat of an accepted one still gets its old answer. */
  refusal: ProblemError | null;
}

/** Who gets a message: a recipient, or an address, or both. */
export interface SendTarget {
  recipient_id?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  /** Exactly one of the three. */
  push?:
    | {
        fcm_token?: string | undefined;
        apns_token?: string | undefined;
        subscription?: { endpoint: string; keys: { p256dh: string; auth: string } } | undefined;
      }
    | undefined;
}

/** The fields of a send as the HTTP schema returns them: every value was checked. */
export interface CheckedSend {
  to: SendTarget;
  template?: string | undefined;
  locale?: string | undefined;
  data?: Record<string, unknown> | undefined;
  content?: { [Field in keyof Content]?: Content[Field] | undefined } | undefined;
  priority: Priority;
  category?: string | undefined;
  event_id?: string | undefined;
  send_at?: string | undefined;
  expires_at?: string | undefined;
  ttl_seconds?: number | undefined;
  ordering_key?: string | undefined;
  metadata?: Record<string, string> | undefined;
  from?: string | undefined;
  reply_to?: string | undefined;
  attachments?: readonly NewAttachment[] | undefined;
  push?: { [Option in keyof PushOptions]?: PushOptions[Option] | undefined } | undefined;
}

/**
 * Makes the row of a send.
 *
 * @param route its channels in fallback order, at least one.
 * @param key the idempotency key; id and answers to repeats follow from it.
 * @param requestHash SHA-256 of what the request means, as `\x` and hex digits.
 * @param now PostgreSQL's time, in ms since the epoch: the moment of acceptance.
 */
export function submissionOf(
  { appId, environment }: Tenant,
  request: CheckedSend,
  route: readonly Channel[],
  key: string,
  requestHash: string,
  now: number,
): Submission {
  const sendAt = request.send_at === undefined ? undefined : new Date(request.send_at);
  const expiresAt = expiryOf(request, sendAt, now);
  return {
    template: request.template ?? null,
    refusal: expiresAt !== undefined && expiresAt <= now ? expired(request) : null,
    row: {
      id: notificationId(appId, environment, key),
      app_id: appId,
      environment,
      priority: request.priority,
      channel: route[0]!,
      route,
      recipient_id: request.to.recipient_id,
      address: addressOf(request.to),
      category: request.category === undefined ? undefined : categoryName(request.category),
      locale: request.locale,
      data: request.template === undefined ? undefined : (request.data ?? {}),
      content: request.content as NewNotification['content'],
      options: optionsOf(request),
      idempotency_key: key,
      request_hash: requestHash,
      ordering_key: request.ordering_key,
      send_at: sendAt?.toISOString(),
      expires_at: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
      attachments: request.attachments,
    },
  };
}

function expired({ expires_at }: CheckedSend): ProblemError {
  return refusedField('expires_at', `${expires_at} has passed; give a time that is still to come`);
}

function expiryOf(request: CheckedSend, sendAt: Date | undefined, now: number): number | undefined {
  if (request.expires_at !== undefined) return Date.parse(request.expires_at);
  if (request.ttl_seconds === undefined) return undefined;
  return Math.max(sendAt?.getTime() ?? now, now) + request.ttl_seconds * 1000;
}

/** In canonical form; the request keeps the given spelling, because its fingerprint predates this form. */
function addressOf(to: SendTarget): NewNotification['address'] {
  if (to.email === undefined && to.phone === undefined && to.push === undefined) return undefined;
  return {
    ...(to.email === undefined ? {} : { email: canonicalEmail(to.email)! }),
    ...(to.phone === undefined ? {} : { phone: to.phone }),
    ...(to.push === undefined ? {} : { push: pushTargetOf(to.push) }),
  };
}

function pushTargetOf(push: NonNullable<SendTarget['push']>): PushTarget {
  if (push.subscription) {
    const { endpoint, keys } = push.subscription;
    return {
      subscription: {
        endpoint: canonicalEndpoint(endpoint)!,
        keys: { p256dh: canonicalP256dh(keys.p256dh)!, auth: canonicalAuthSecret(keys.auth)! },
      },
    };
  }
  if (push.fcm_token !== undefined) return { fcm_token: push.fcm_token };
  return { apns_token: canonicalApnsToken(push.apns_token!)! };
}

function optionsOf(request: CheckedSend): NewNotification['options'] {
  const { from, reply_to, event_id, metadata, ttl_seconds, attachments, push } = request;
  const options = [from, reply_to, event_id, metadata, ttl_seconds, attachments, push];
  if (options.every((option) => option === undefined)) return undefined;
  return {
    ...(from === undefined ? {} : { from }),
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(event_id === undefined ? {} : { event_id }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(ttl_seconds === undefined ? {} : { ttl_seconds }),
    ...(attachments === undefined ? {} : { attachments_bytes: attachmentsBytes(attachments) }),
    ...(push === undefined ? {} : { push: push as PushOptions }),
  };
}
