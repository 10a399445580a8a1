import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { CONTENT_FIELDS, type Content } from '@carillon/core/notification/message';
import { readMailbox } from '@carillon/core/recipient/mailbox';
import { readPhone } from '@carillon/core/recipient/phone-number';
import { MAX_OUTPUT_LENGTH } from '@carillon/core/template/render/limits';
import { urlProblem } from '@carillon/core/template/syntax/url-rule';
import type { FieldError } from '@carillon/core/text/problem';
import { MAX_TIME_MS } from '@carillon/core/text/rfc3339';
import { show } from '@carillon/core/text/show';
import { checkAttachments } from './check-attachments.ts';
import type { SendRequest } from './send-schema.ts';

const MAX_METADATA = 20;

const LENGTHS = Object.fromEntries(
  CHANNELS.map((channel) => [channel, Object.entries(MAX_OUTPUT_LENGTH[channel])]),
) as Record<Channel, [keyof Content, number][]>;

/**
 * The rules of a send that need more than one field. All problems are reported, not only the first.
 *
 * @param allowPrivate whether attachment URLs may point to private networks.
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
  if (request.push && !route.includes('push'))
    refuse('push', 'has no meaning without push in the route; leave it out');
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
    refuse('to', 'must contain one of recipient_id, email, phone or push');
  }
  if (!to.push) return;
  const targets = Object.values(to.push).filter((target) => target !== undefined).length;
  if (targets !== 1) {
    refuse('to.push', `names ${targets} devices; give exactly one of fcm_token, apns_token, subscription`);
  }
}

function checkRoute(request: SendRequest, refuse: Refuse): readonly Channel[] {
  if (request.channel !== undefined && request.route !== undefined) {
    refuse('route', 'is mutually exclusive with channel; give one of the two');
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
  if (template !== undefined) refuse('content', 'is mutually exclusive with template; give one of the two');
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
  const { send_at: sendAt, ttl_seconds: ttl } = request;
  if (sendAt !== undefined && ttl !== undefined && Date.parse(sendAt) + ttl * 1000 > MAX_TIME_MS)
    refuse('ttl_seconds', `${ttl} seconds from send_at (${sendAt}) end after the year 9999; give fewer`);
  if (request.expires_at === undefined) return;
  if (request.ttl_seconds !== undefined) {
    refuse('ttl_seconds', 'is mutually exclusive with expires_at; give one of the two');
  }
  if (request.send_at !== undefined && Date.parse(request.expires_at) <= Date.parse(request.send_at)) {
    refuse(
      'expires_at',
      `${request.expires_at} is not after send_at (${request.send_at}); give a later time`,
    );
  }
}

/**
 * Alphanumeric sender ids: 1 to 11 letters, digits, spaces and `&+-_`, at least one of them a letter
 * (https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id); and short codes.
 */
const SMS_SENDER = /^(?! )(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}(?<! )$|^\d{3,8}$/;

function checkSender(request: SendRequest, route: readonly Channel[], refuse: Refuse): void {
  const { from, reply_to: replyTo } = request;
  if (from !== undefined) {
    if (route.includes('email')) refuseMailbox('from', from, refuse);
    if (route.includes('sms') && !SMS_SENDER.test(from)) {
      const read = readPhone(from);
      if ('problem' in read) refuse('from', `${show(from)} ${smsSenderProblem(from, read.problem)}`);
    }
    if (!route.includes('email') && !route.includes('sms')) {
      refuse('from', 'has no meaning on this route; only email and sms have a sender. Leave it out');
    }
  }
  if (replyTo !== undefined) {
    if (!route.includes('email'))
      refuse('reply_to', 'has no meaning without email in the route; leave it out');
    else refuseMailbox('reply_to', replyTo, refuse);
  }
}

function refuseMailbox(path: string, text: string, refuse: Refuse): void {
  const read = readMailbox(text);
  if ('problem' in read) refuse(path, `${show(text)} ${read.problem}`);
}

function smsSenderProblem(from: string, phoneProblem: string): string {
  return from.startsWith('+')
    ? phoneProblem
    : 'is not an SMS sender; give an E.164 number, a short code of 3 to 8 digits, or up to 11 letters, digits, spaces and & + - _ with at least one letter';
}
