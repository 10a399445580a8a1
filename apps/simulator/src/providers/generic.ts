import { createHmac, randomUUID } from 'node:crypto';
import { type Command, commandOf, isUndeliverable } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import type { Acceptance } from '../ledger.ts';
import { type SimulatedMail, simulatedMail } from '../mailbox.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  secondsOf,
  type Told,
} from '../simulated-provider.ts';
import { GenericKeys } from './generic-keys.ts';

/**
 * Carillon's own HTTP provider protocol: `POST /generic/{channel}`, signed JSON. A repeated Idempotency-Key gets the
 * same id without a second acceptance, also after a restart.
 *
 * This is the path of the benchmarks, so it does little on purpose: one JSON.parse, no regular expression, no schema.
 */
export function generic(handler: RequestHandler): (exchange: Exchange) => void {
  const keys = new GenericKeys(handler.ledger);
  return (exchange) => {
    const channel = exchange.path.slice('/generic/'.length);
    if (exchange.method !== 'POST' || !CHANNELS.has(channel)) {
      const message = `POST /generic/{channel} with channel one of ${[...CHANNELS].join(', ')}, got ${exchange.path}`;
      return exchange.json(404, problem('not_found', message));
    }
    const refusal = (status: number, code: string, message: string) =>
      handler.refuse(exchange, 'generic', { status, body: problem(code, message) });
    if (exchange.headers['x-carillon-signature'] === undefined) {
      return refusal(
        401,
        'unauthenticated',
        'X-Carillon-Signature is missing: sign the body with the shared secret.',
      );
    }
    const message = parse(exchange.body);
    if (message === null) return refusal(400, 'malformed_json', 'The body must be a JSON object.');
    const to = addressOf(message.to);
    if (to === null) return refusal(422, 'invalid_request', 'to must be an address or a push target.');

    const command = commandOf(commandPart(to));
    const id = textOrNull(message.notification_id);
    const verdict = handler.verdict(
      'generic',
      command,
      () => `${to} ${id ?? exchange.body.toString('utf8')}`,
    );
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'generic', trouble(verdict), verdict);
    if (isUndeliverable(command)) return refusal(422, 'bad_recipient', `${to} cannot be reached.`);

    const key = (exchange.headers['idempotency-key'] as string | undefined) ?? null;
    const state = key === null ? 'new' : keys.state(key);
    if (state === 'pending') {
      return refusal(
        409,
        'idempotency_in_progress',
        `A first request with key ${key} is still being handled.`,
      );
    }
    if (state === 'accepted') {
      const finish = isCommanded(command) ? 'answer' : verdict.finish;
      return handler.finish(exchange, { kind: 'accept', finish, delayMs: verdict.delayMs }, () =>
        accepted(key),
      );
    }
    const acceptance: Acceptance = {
      provider: 'generic',
      channel,
      to,
      notification_id: id,
      attempt_id: textOrNull(message.attempt_id),
      idempotency_key: key,
      subject: textOrNull(message.subject ?? message.title ?? message.text),
      ...(message.headers === undefined && message.attachments === undefined
        ? {}
        : { letter: letterIn(message) }),
    };
    handler.accept(
      exchange,
      verdict,
      [acceptance],
      () => accepted(key),
      key === null ? undefined : keys.begin(key),
    );
  };
}

const CHANNELS = new Set(['email', 'sms', 'push', 'in_app']);

let unkeyed = 0;

/** The id is derived from the key, so that it is the same for every repetition without being stored. */
function accepted(key: string | null): Answer {
  return {
    status: 200,
    body: { id: key === null ? `generic-${Date.now()}-${++unkeyed}` : `generic-${key}` },
  };
}

function letterIn({ headers, attachments, html, text }: Record<string, unknown>): SimulatedMail {
  return simulatedMail(headers, attachments, { html, text }, ({ filename, contentType: type, content }) => ({
    filename,
    type,
    content,
  }));
}

function parse(body: Buffer): Record<string, unknown> | null {
  try {
    const value = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

function addressOf(to: unknown): string | null {
  if (typeof to === 'string' && to !== '') return to;
  if (typeof to !== 'object' || to === null) return null;
  const target = to as { fcm_token?: string; apns_token?: string; subscription?: { endpoint?: string } };
  return textOrNull(target.fcm_token ?? target.apns_token ?? target.subscription?.endpoint);
}

/** Of a Web Push endpoint the last segment commands; of everything else the whole. */
function commandPart(to: string): string {
  return to.startsWith('https://') ? to.slice(to.lastIndexOf('/') + 1) : to;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isCommanded(command: Command): boolean {
  return command === 'drop' || command === 'timeout';
}

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) return { status, body: problem(code, 'Refused on order.') };
  if (status === 429) return { status, body: problem('rate_limited', 'Too many requests; see Retry-After.') };
  if (status >= 500) return { status, body: problem('unavailable', 'The gateway cannot take messages now.') };
  return { status, body: problem('invalid_request', 'The gateway refuses this request.') };
}

function problem(code: string, message: string): unknown {
  return { error: { code, message } };
}

const SHARED_SECRET = 'simulator-shared-secret';

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, _url: string, now: Date): ReceiptCall {
  const body = JSON.stringify({
    id: randomUUID(),
    type: told.what,
    attempt_id: told.attemptId,
    message_id: told.messageId,
    address: told.to,
    at: now.toISOString(),
  });
  const seconds = secondsOf(now);
  const hex = createHmac('sha256', SHARED_SECRET).update(`${seconds}.${body}`).digest('hex');
  return {
    body,
    headers: { 'content-type': 'application/json', 'x-carillon-signature': `t=${seconds},v1=${hex}` },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedGeneric: SimulatedProvider = {
  id: 'generic',
  listener: 'http',
  routes: (handler) => [{ prefix: '/generic/', handle: generic(handler) }],
  codeIs: 'the code of the error',
  receipts: {
    messageId: ({ id }) => id,
    compose,
    account: ({ channel }) => `generic-${channel}`,
  },
  accounts: ({ httpUrl }) =>
    (['email', 'sms', 'push'] as const).map((channel) => ({
      id: `generic-${channel}`,
      provider: 'generic',
      ...SIMULATED_ACCOUNT,
      channel,
      url: `${httpUrl}/generic/${channel}`,
      credentials: { secret: SHARED_SECRET },
    })),
};
