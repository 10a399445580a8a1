import type { EmailMessage, MailAttachment } from '@carillon/core/notification/message';
import type { Outcome } from '@carillon/core/provider/outcome';
import { type Mailbox, mailboxOf } from '@carillon/core/recipient/mailbox';
import { accountSender } from '../accounts/mailbox.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClientOptions,
  type HttpResult,
} from '../http/http-client.ts';
import { type Dialect, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { SENDGRID_CODES, sendgridCode } from './codes.ts';
import { activityLookup } from './lookup.ts';

/**
 * SendGrid, v3 Mail Send. Class B: there is no idempotency key, but `custom_args` are returned in every event, so a
 * `processed` event proves acceptance, and with the Email Activity add-on a call can be looked up.
 *
 * Without its SDK: @sendgrid/mail composes no more than JSON.stringify does, and its axios transport cannot be
 * replaced, follows redirects and hides how far a call got.
 */
export interface SendgridOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender if the message names none, e.g. `Acme <hello@acme.example>`. */
  from: string;
  /**
   * The Email Activity add-on is active and the key may read it: doubts are looked up. Regional (EU) subusers have
   * none.
   */
  emailActivity?: boolean;
  /** How long after a call its absence from Email Activity is reliable; default ten minutes. */
  lookupSettlesMs?: number;
  /** `https://api.eu.sendgrid.com` for EU subusers. */
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'SendGrid',
  codes: SENDGRID_CODES,
  // 200 is the sandbox mode's answer: checked, not sent.
  messageId: ({ status, headers }, body) =>
    status === 202 && body?.errors === undefined ? headers['x-message-id'] : undefined,
  errorCode: (_, body) => sendgridCode(body),
};

/** Its windows are a minute long: a reset further away than this is an error. */
const MAX_RESET_MS = 60 * 60 * 1000;

export function sendgridAdapter(options: SendgridOptions): ProviderAdapter<EmailMessage> {
  const { apiKey, from, emailActivity = false, lookupSettlesMs, ...rest } = options;
  const { baseUrl = 'https://api.sendgrid.com', ...client } = rest;
  const own = accountSender(from);
  const http = createHttpClient(baseUrl, client);
  const authorization = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
  const headers = { ...authorization, 'content-type': 'application/json' };
  return {
    provider: 'sendgrid',
    channel: 'email',
    guarantee: 'B',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'email',
    async send(message, call) {
      const body = compose(message, message.from === undefined ? own : mailboxOf(message.from), call);
      if (body === null) {
        return notSendable('SendGrid', 'invalid_message', 'it needs one sender address and some content');
      }
      const { signal, mayWrite } = call;
      const result = await http.post({ path: '/v3/mail/send', headers, body, signal, mayWrite });
      return withReset(parseResponse(DIALECT, result), result, Date.now());
    },
    ...(emailActivity ? { lookup: activityLookup(http, authorization, lookupSettlesMs) } : {}),
    // Answered for every key, whatever its permissions.
    probe: async (signal) =>
      probeOf('SendGrid', await http.get({ path: '/v3/scopes', headers: authorization, signal })),
    close: () => http.close(),
  };
}

/** @returns null for a message that SendGrid would certainly refuse. */
function compose(
  message: EmailMessage,
  from: Mailbox | null,
  { notificationId, attemptId }: Call,
): string | null {
  const replyTo = message.replyTo === undefined ? undefined : mailboxOf(message.replyTo);
  // Plain text first, and no part may be empty.
  const content = [
    { type: 'text/plain', value: message.text },
    { type: 'text/html', value: message.html },
  ].filter(({ value }) => value);
  if (!from || replyTo === null || content.length === 0) return null;
  return JSON.stringify({
    personalizations: [{ to: [{ email: message.to }] }],
    from: person(from),
    ...(replyTo === undefined ? {} : { reply_to: person(replyTo) }),
    subject: message.subject,
    content,
    ...(message.headers === undefined ? {} : { headers: message.headers }),
    ...(message.attachments === undefined ? {} : { attachments: message.attachments.map(file) }),
    custom_args: { notification_id: notificationId, attempt_id: attemptId },
  });
}

/** It rejects a type with parameters. */
function file({ filename, contentType, content }: MailAttachment) {
  return { content, type: contentType.replace(/\s*;.*$/s, ''), filename, disposition: 'attachment' };
}

function person({ address, name }: Mailbox): { email: string; name?: string } {
  return name === '' ? { email: address } : { email: address, name };
}

/** SendGrid has no Retry-After but returns the second at which its limit resets. */
function withReset(outcome: Outcome, result: HttpResult, nowMs: number): Outcome {
  if (outcome.class !== 'throttled' || outcome.retryAfterMs !== undefined) return outcome;
  const reset = result.phase === 'answered' ? Number(result.headers['x-ratelimit-reset']) : Number.NaN;
  const waitMs = reset * 1000 - nowMs;
  return waitMs > 0 && waitMs <= MAX_RESET_MS ? { ...outcome, retryAfterMs: Math.ceil(waitMs) } : outcome;
}
