import { createHash, randomUUID } from 'node:crypto';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import { commandOfAny } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import type { Acceptance } from '../ledger.ts';
import { type SimulatedMail, simulatedMail } from '../mailbox.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SENDER,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  secondsOf,
  type Told,
} from '../simulated-provider.ts';
import { IdempotencyKeys } from './resend-keys.ts';

/**
 * Resend: `POST /emails` and `POST /emails/batch`. Like the real one it accepts first and bounces later, so `bounce@`
 * is an acceptance here. An Idempotency-Key is valid for 24 hours and over restarts: the same key and body give the
 * same ids without a second acceptance, another body is a 409.
 */
export function resend(handler: RequestHandler): (exchange: Exchange) => void {
  const keys = new IdempotencyKeys(handler);
  return (exchange) => {
    const isBatch = exchange.path === '/emails/batch';
    if (exchange.method !== 'POST' || (!isBatch && exchange.path !== '/emails')) {
      return exchange.json(404, error(404, 'not_found', 'The requested endpoint does not exist.').body);
    }
    const refusal = (answer: Answer) => handler.refuse(exchange, 'resend', answer);
    if (!/^Bearer \S+$/.test(exchange.header('authorization') ?? '')) {
      return refusal(error(401, 'missing_api_key', 'Missing API key in the authorization header.'));
    }
    const emails = readEmails(exchange, isBatch);
    if (!Array.isArray(emails)) return refusal(emails);
    const key = exchange.header('idempotency-key') ?? null;
    if (key !== null && (key.length < 1 || key.length > 256)) {
      return refusal(
        error(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars. Retry with a valid key.'),
      );
    }

    const recipients = emails.flatMap((email) => email.to);
    const verdict = handler.verdict('resend', commandOfAny(recipients), () => messageOf(emails[0]!));
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'resend', trouble(verdict), verdict);

    const scope = `${exchange.header('authorization')} ${exchange.path} ${key}`;
    const hash = createHash('sha256').update(exchange.body).digest('base64url');
    const earlier = key === null ? undefined : keys.get(scope);
    if (earlier !== undefined) {
      if (earlier.hash !== hash) {
        const message = 'Same idempotency key used with a different request payload.';
        return refusal(error(409, 'invalid_idempotent_request', message));
      }
      if (earlier.isPending) {
        const message = 'Same idempotency key used while original request is still in progress.';
        return refusal(error(409, 'concurrent_idempotent_requests', message));
      }
      // The recipient's command was executed at the first request; the known ids are returned at once.
      const finish = verdict.finish === 'answer' || isCommanded(recipients) ? 'answer' : verdict.finish;
      return handler.finish(exchange, { kind: 'accept', finish, delayMs: 0 }, () =>
        ids(earlier.ids, isBatch),
      );
    }

    const fresh = emails.map(() => randomUUID());
    const acceptances = emails.map(
      (email): Acceptance => ({
        provider: 'resend',
        channel: 'email',
        to: email.to.join(', '),
        // The key of a batch identifies no single e-mail in it.
        ...plantedIds(isBatch ? null : key, ...email.tags),
        idempotency_key: key,
        subject: email.subject,
        letter: email.letter,
      }),
    );
    const kept = key === null ? undefined : keys.begin(scope, hash, fresh);
    handler.accept(exchange, verdict, acceptances, () => ids(fresh, isBatch), kept);
  };
}

/** `GET /domains`: used by the probe. */
export function resendDomains(exchange: Exchange): void {
  const isKnown = /^Bearer \S+$/.test(exchange.header('authorization') ?? '');
  if (isKnown) exchange.json(200, { object: 'list', has_more: false, data: [] });
  else exchange.json(401, error(401, 'missing_api_key', 'Missing API key in the authorization header.').body);
}

interface Email {
  to: string[];
  subject: string;
  tags: string[];
  letter: SimulatedMail;
}

function readEmails(exchange: Exchange, isBatch: boolean): Email[] | Answer {
  let body: unknown;
  try {
    body = JSON.parse(exchange.body.toString('utf8'));
  } catch {
    return error(400, 'validation_error', 'The request body must be valid JSON.');
  }
  if (!isBatch) {
    const email = readEmail(body);
    return 'status' in email ? email : [email];
  }
  if (!Array.isArray(body) || body.length === 0 || body.length > 100) {
    return error(422, 'validation_error', 'The batch must hold 1 to 100 emails.');
  }
  const emails: Email[] = [];
  for (const item of body) {
    const email = readEmail(item);
    if ('status' in email) return email;
    emails.push(email);
  }
  return emails;
}

function readEmail(body: unknown): Email | Answer {
  if (typeof body !== 'object' || body === null) {
    return error(422, 'validation_error', 'The email must be an object.');
  }
  const email = body as Record<string, unknown>;
  for (const field of ['from', 'to', 'subject']) {
    if (email[field] === undefined || email[field] === '') {
      return error(422, 'missing_required_field', `Missing \`${field}\` field.`);
    }
  }
  if (email.html === undefined && email.text === undefined && email.template === undefined) {
    return error(422, 'missing_required_field', 'Missing `html` or `text` field.');
  }
  const to = Array.isArray(email.to) ? email.to.map(String) : [String(email.to)];
  if (to.length > 50) return error(422, 'validation_error', 'The `to` field must not exceed 50 recipients.');
  if (to.length === 0 || !to.every(isAddress)) {
    const shape =
      'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';
    return error(422, 'validation_error', `Invalid \`to\` field. ${shape}`);
  }
  if (!isAddress(String(email.from))) {
    const shape =
      'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';
    return error(422, 'invalid_from_address', `Invalid \`from\` field. ${shape}`);
  }
  const tags: string[] = [];
  for (const tag of Array.isArray(email.tags) ? (email.tags as { name?: unknown; value?: unknown }[]) : []) {
    for (const part of [tag.name, tag.value]) {
      if (typeof part !== 'string' || !/^[\w-]{1,256}$/.test(part)) {
        const rule = 'Tags should only contain ASCII letters, numbers, underscores, or dashes.';
        return error(422, 'validation_error', rule);
      }
    }
    tags.push(String(tag.value));
  }
  const letter = simulatedMail(
    email.headers,
    email.attachments,
    { html: email.html, text: email.text },
    (file) => ({
      ...(file as { filename: unknown; content: unknown }),
      type: file.content_type,
    }),
  );
  if (letter.attachments.some(({ bytes }) => bytes < 0)) {
    return error(422, 'invalid_attachment', 'Attachment must have either a `content` or `path`.');
  }
  return { to: to.map(bareAddress), subject: String(email.subject), tags, letter };
}

function isAddress(text: string): boolean {
  return /^[^\s@<>]+@[^\s@<>]+$/.test(bareAddress(text));
}

function bareAddress(text: string): string {
  return /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim();
}

function isCommanded(recipients: string[]): boolean {
  const command = commandOfAny(recipients);
  return command === 'drop' || command === 'timeout';
}

/** Identifies an e-mail over all its tries: its notification id where present, else its content. */
function messageOf(email: Email): string {
  return plantedIds(...email.tags).notification_id ?? `${email.to.join()} ${email.subject}`;
}

function ids(all: string[], isBatch: boolean): Answer {
  return { status: 200, body: isBatch ? { data: all.map((id) => ({ id })) } : { id: all[0] } };
}

function trouble({ reason, status, code }: Refuse): Answer {
  if (code !== undefined) return error(status, code, 'Refused on order.');
  if (status === 429) {
    const message =
      'Too many requests. You can only make 2 requests per second. See rate limit response headers for more information.';
    return error(429, 'rate_limit_exceeded', message);
  }
  if (status === 401)
    return error(401, 'restricted_api_key', 'This API key is restricted to only send emails.');
  if (status === 403) return error(403, 'invalid_api_key', 'API key is invalid.');
  if (status < 500) return error(status, 'validation_error', 'The request is invalid.');
  const message = 'An unexpected error occurred.';
  return error(status, reason === 'unavailable' ? 'application_error' : 'internal_server_error', message);
}

function error(status: number, name: string, message: string): Answer {
  return { status, body: { statusCode: status, name, message } };
}

/** The key that signs its receipts. Made for this file and not used anywhere else. */
const SIGNING_SECRET = 'whsec_dGhlIHNpbXVsYXRlZCBSZXNlbmQgc2lnbnMgd2l0aCB0aGlz';

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, _url: string, now: Date): ReceiptCall {
  const [notificationId, n] = told.attemptId?.split('/') ?? [];
  const type = { delivered: 'email.delivered', bounced: 'email.bounced', complained: 'email.complained' }[
    told.what
  ];
  const bounce =
    told.what === 'bounced'
      ? { bounce: { type: 'Permanent', subType: 'General', message: 'no such mailbox' } }
      : {};
  const data = {
    email_id: told.messageId,
    to: [told.to],
    tags: { notification_id: notificationId, attempt: n },
    ...bounce,
  };
  const body = JSON.stringify({ type, created_at: now.toISOString(), data });
  const id = `msg_${randomUUID()}`;
  const seconds = secondsOf(now);
  const signature = signWebhook([SIGNING_SECRET], id, seconds, body);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(seconds),
      'svix-signature': signature,
    },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedResend: SimulatedProvider = {
  id: 'resend',
  listener: 'http',
  routes: (handler) => [
    { prefix: '/emails', handle: resend(handler) },
    { prefix: '/domains', handle: resendDomains },
  ],
  codeIs: 'the name of the error',
  receipts: {
    messageId: ({ id }) => id,
    compose,
  },
  accounts: ({ httpUrl }) => [
    {
      id: 'resend',
      provider: 'resend',
      ...SIMULATED_ACCOUNT,
      credentials: { apiKey: 're_simulator' },
      receipts: { secrets: [SIGNING_SECRET] },
      from: SENDER,
      baseUrl: httpUrl,
    },
  ],
};
