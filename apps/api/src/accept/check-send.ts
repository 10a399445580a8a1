import { CHANNELS, type Channel } from '@carillon/core/channel';
import { isMailbox } from '@carillon/core/email-address';
import { CONTENT_FIELDS, type Content } from '@carillon/core/message';
import { isPhone } from '@carillon/core/phone-number';
import type { FieldError } from '@carillon/core/problem';
import { MAX_OUTPUT_LENGTH } from '@carillon/core/templates/limits';
import { urlProblem } from '@carillon/core/templates/url-rule';
import { checkAttachments } from './check-attachments.ts';
import type { SendRequest } from './send-schema.ts';

const MAX_METADATA = 20;

const LENGTHS = Object.fromEntries(
  CHANNELS.map((channel) => [channel, Object.entries(MAX_OUTPUT_LENGTH[channel])]),
) as Record<Channel, [keyof Content, number][]>;

/**
 * The rules of a send that need more than one field. Everything that is wrong is reported, not only the first.
 *
 * @param allowPrivate whether addresses of attachments may lie in private networks.
 */
export function checkSend(request: SendRequest, allowPrivate = false): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (path: string, message: string) => errors.push({ path, message });

  if (request.digest !== undefined) {
    refuse(
      'digest',
      'digests are not available yet; leave the field out and send one notification per event',
    );
  }
  checkAddress(request, refuse);
  const route = checkRoute(request, refuse);
  checkText(request, route, refuse);
  checkTimes(request, refuse);
  checkSender(request, route, refuse);
  if (request.attachments) checkAttachments(request.attachments, route, allowPrivate, refuse);
  if (request.metadata && Object.keys(request.metadata).length > MAX_METADATA) {
    refuse(
      'metadata',
      `has ${Object.keys(request.metadata).length} pairs; at most ${MAX_METADATA}. Leave some out`,
    );
  }
  return errors;
}

/** The channels of a request in fallback order. */
export function routeOf(request: SendRequest): readonly Channel[] {
  return request.route ?? (request.channel ? [request.channel] : []);
}

type Refuse = (path: string, message: string) => void;

function checkAddress({ to }: SendRequest, refuse: Refuse): void {
  if (
    to.recipient_id === undefined &&
    to.email === undefined &&
    to.phone === undefined &&
    to.push === undefined
  ) {
    refuse('to', 'names nobody; give recipient_id, email, phone or push');
  }
  if (!to.push) return;
  const targets = Object.values(to.push).filter((target) => target !== undefined).length;
  if (targets !== 1) {
    refuse('to.push', `names ${targets} devices; give exactly one of fcm_token, apns_token, subscription`);
  }
}

function checkRoute(request: SendRequest, refuse: Refuse): readonly Channel[] {
  if (request.channel !== undefined && request.route !== undefined) {
    refuse('route', 'stands beside channel; give one of the two');
  } else if (request.channel === undefined && request.route === undefined) {
    refuse('channel', 'is missing; give channel, or route as a list of channels in fallback order');
  }
  const route = routeOf(request);
  if (new Set(route).size !== route.length) {
    refuse('route', `[${route.join(', ')}] names a channel twice; name each once`);
  }
  if (route.includes('in_app') && request.to.recipient_id === undefined) {
    refuse('to.recipient_id', 'is missing; in_app needs a recipient, because the inbox is theirs');
  }
  return route;
}

function checkText(request: SendRequest, route: readonly Channel[], refuse: Refuse): void {
  const { template, content } = request;
  if (template === undefined && content === undefined) {
    refuse('template', 'is missing; give a template key, or inline content');
  }
  if (content === undefined) return;
  if (template !== undefined) refuse('content', 'stands beside template; give one of the two');
  for (const field of ['data', 'locale'] as const) {
    if (request[field] !== undefined && template === undefined) {
      refuse(
        field,
        'belongs to a template; inline content is sent as it is. Leave it out, or use a template',
      );
    }
  }
  for (const channel of route) {
    const { required, oneOf } = CONTENT_FIELDS[channel];
    for (const field of required) {
      if (content[field] === undefined) refuse(`content.${field}`, `is missing; ${channel} needs it`);
    }
    if (oneOf.length > 0 && oneOf.every((field) => content[field] === undefined)) {
      refuse(`content.${oneOf[0]}`, `is missing; ${channel} needs ${oneOf.join(' or ')}`);
    }
    for (const [field, max] of LENGTHS[channel]) {
      const length = content[field]?.length ?? 0;
      if (length > max)
        refuse(`content.${field}`, `is ${length} characters long; ${channel} takes ${max}. Shorten it`);
    }
  }
  const wrong = content.url === undefined ? null : urlProblem(content.url);
  if (wrong) refuse('content.url', wrong);
}

function checkTimes(request: SendRequest, refuse: Refuse): void {
  if (request.expires_at === undefined) return;
  if (request.ttl_seconds !== undefined) {
    refuse('ttl_seconds', 'stands beside expires_at; give one of the two');
  }
  if (request.send_at !== undefined && Date.parse(request.expires_at) <= Date.parse(request.send_at)) {
    refuse(
      'expires_at',
      `${request.expires_at} is not after send_at (${request.send_at}); give a later time`,
    );
  }
}

function checkSender(request: SendRequest, route: readonly Channel[], refuse: Refuse): void {
  const { from, reply_to: replyTo } = request;
  if (from !== undefined) {
    if (route.includes('email') && !isMailbox(from)) {
      refuse('from', `"${from}" is not an e-mail sender; give ada@example.com or Ada <ada@example.com>`);
    }
    if (
      route.includes('sms') &&
      !isPhone(from) &&
      !/^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$|^\d{3,8}$/.test(from)
    ) {
      refuse(
        'from',
        `"${from}" is not an SMS sender; give an E.164 number, a short code, or up to 11 letters and digits`,
      );
    }
    if (!route.includes('email') && !route.includes('sms')) {
      refuse('from', 'has no meaning on this route; only email and sms have a sender. Leave it out');
    }
  }
  if (replyTo !== undefined) {
    if (!route.includes('email'))
      refuse('reply_to', 'has no meaning without email in the route; leave it out');
    else if (!isMailbox(replyTo)) {
      refuse('reply_to', `"${replyTo}" is not an e-mail address; give one such as ada@example.com`);
    }
  }
}
