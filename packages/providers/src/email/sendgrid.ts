import type { EmailMessage, MailAttachment } from '@carillon/core/message';
import type { Outcome } from '@carillon/core/outcome';
import type { CodeTable } from '../code-table.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClientOptions,
  type HttpResult,
} from '../http-client.ts';
import { type Dialect, type JsonObject, notSendable, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';
import { accountSender, type Mailbox, mailboxOf } from './mailbox.ts';
import { activityLookup } from './sendgrid-activity.ts';

/**
 * SendGrid, v3 Mail Send. Class B: there is no idempotency key, but `custom_args` come back in every event, so a
 * `processed` event proves acceptance, and with the Email Activity add-on a call can be looked up.
 *
 * Without its SDK: @sendgrid/mail composes nothing that JSON.stringify does not, and its axios transport has no seam,
 * follows redirects and hides how far a call came.
 */
export interface SendgridOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender where the message names none, e.g. `Acme <hello@acme.example>`. */
  from: string;
  /** The Email Activity add-on is bought and the key may read it: doubts are looked up. Regional (EU) subusers have none. */
  emailActivity?: boolean;
  /** How long after a call its absence from Email Activity is believed; ten minutes unless said. */
  lookupSettlesMs?: number;
  /** `https://api.eu.sendgrid.com` for EU subusers. */
  baseUrl?: string;
}

/**
 * SendGrid has no codes, only statuses, a field and prose: these are our names for what `errorCode` finds in them.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
export const SENDGRID_CODES: CodeTable = {
  credits_exceeded: 'quota',
  invalid_recipient: 'bad_recipient',
  invalid_from: 'misconfigured',
  400: 'rejected',
  413: 'rejected',
};

const DIALECT: Dialect = {
  name: 'SendGrid',
  codes: SENDGRID_CODES,
  // 200 is the sandbox mode's answer: checked, not sent.
  messageId: ({ status, headers }, body) =>
    status === 202 && body?.errors === undefined ? headers['x-message-id'] : undefined,
  errorCode: (_, body) => errorCode(body),
};

/** Its windows are a minute long: a reset further off than this is a mistake. */
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
      return withReset(outcomeOf(DIALECT, result), result, Date.now());
    },
    ...(emailActivity ? { lookup: activityLookup(http, authorization, lookupSettlesMs) } : {}),
    // Answered to every key, however little it may do.
    probe: async (signal) =>
      probeOf('SendGrid', await http.get({ path: '/v3/scopes', headers: authorization, signal })),
    close: () => http.close(),
  };
}

/** @returns null for what SendGrid could only refuse. */
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

/** It refuses a type with parameters. */
function file({ filename, contentType, content }: MailAttachment) {
  return { content, type: contentType.replace(/\s*;.*$/s, ''), filename, disposition: 'attachment' };
}

function person({ address, name }: Mailbox): { email: string; name?: string } {
  return name === '' ? { email: address } : { email: address, name };
}

/** The first error of `{ "errors": [{ "message", "field", "help" }] }` that says more than its status. */
function errorCode(body: JsonObject | null): string | undefined {
  const errors = Array.isArray(body?.errors) ? body.errors.slice(0, 20) : [];
  for (const error of errors) {
    if (typeof error !== 'object' || error === null) continue;
    const { message, field } = error as { message?: unknown; field?: unknown };
    // Comes with 401 or 403, like a wrong key, but the key is right.
    if (typeof message === 'string' && /maximum credits exceeded/i.test(message)) return 'credits_exceeded';
    if (typeof field !== 'string') continue;
    if (/^personalizations\.\d+\.to(\.|$)/.test(field)) return 'invalid_recipient';
    if (/^from(\.|$)/.test(field)) return 'invalid_from';
  }
  return undefined;
}

/** SendGrid has no Retry-After but says at which second its limit begins anew. */
function withReset(outcome: Outcome, result: HttpResult, nowMs: number): Outcome {
  if (outcome.class !== 'throttled' || outcome.retryAfterMs !== undefined) return outcome;
  const reset = result.phase === 'answered' ? Number(result.headers['x-ratelimit-reset']) : Number.NaN;
  const waitMs = reset * 1000 - nowMs;
  return waitMs > 0 && waitMs <= MAX_RESET_MS ? { ...outcome, retryAfterMs: Math.ceil(waitMs) } : outcome;
}
