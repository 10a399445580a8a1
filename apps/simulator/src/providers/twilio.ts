import { createHmac, randomBytes } from 'node:crypto';
import { type Command, commandOf } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  type Told,
} from '../simulated-provider.ts';
import { QUEUED, type Sms, SmsLog, smsResource } from './twilio-messages.ts';

const MAX_BODY_LENGTH = 1_600;

/** Twilio's own answers to numbers that cannot be sent to: code and text by command. */
const REFUSED_NUMBERS: Partial<Record<Command, [code: number, text: (to: string) => string]>> = {
  invalid: [21211, (to) => `Invalid 'To' Phone Number: ${masked(to)}`],
  bounce: [21211, (to) => `Invalid 'To' Phone Number: ${masked(to)}`],
  unroutable: [
    21612,
    (to) => `Message cannot be sent with the current combination of 'To' (${to}) and 'From' parameters`,
  ],
  region_blocked: [
    21408,
    (to) =>
      `Permission to send an SMS has not been enabled for the region indicated by the 'To' number: ${to}`,
  ],
  opted_out: [21610, () => 'Attempt to send to unsubscribed recipient'],
  complain: [21610, () => 'Attempt to send to unsubscribed recipient'],
  unreachable: [21614, (to) => `'To' number: ${to} is not a valid mobile number`],
};

/**
 * Twilio: `POST` and `GET /2010-04-01/Accounts/{sid}/Messages.json`, `GET .../Messages/{sid}.json`, and the account
 * itself. It has no idempotency key, so two requests are two messages; a doubt is settled by look-up.
 */
export function twilio(handler: RequestHandler): (exchange: Exchange) => void {
  const log = new SmsLog(handler);
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'twilio', answer);
    const ownPage = /^\/2010-04-01\/Accounts\/(AC\w+)\.json$/.exec(exchange.path);
    if (ownPage !== null && exchange.method === 'GET') {
      if (!isAuthorized(exchange)) return refusal(error(401, 20003, 'Authenticate'));
      return exchange.json(200, { sid: ownPage[1], status: 'active', type: 'Full' });
    }
    const path = /^\/2010-04-01\/Accounts\/(AC\w+)\/Messages(?:\/(\w+))?\.json$/.exec(exchange.path);
    if (path === null) return exchange.json(404, notFound(exchange).body);
    const account = path[1]!;
    if (!isAuthorized(exchange)) return refusal(error(401, 20003, 'Authenticate'));

    if (exchange.method === 'GET') {
      const found = path[2] === undefined ? log.list(account, exchange.query) : log.get(account, path[2]);
      return found === undefined ? exchange.json(404, notFound(exchange).body) : exchange.json(200, found);
    }
    if (exchange.method !== 'POST' || path[2] !== undefined) {
      return exchange.json(405, error(405, 20004, 'Method not allowed').body);
    }

    const form = new URLSearchParams(exchange.body.toString('utf8'));
    const to = form.get('To') ?? '';
    const body = form.get('Body') ?? '';
    const from = form.get('From');
    const service = form.get('MessagingServiceSid');
    if (to === '') return refusal(error(400, 21604, "A 'To' phone number is required."));
    if (from === null && service === null) {
      return refusal(error(400, 21603, "A 'From' phone number is required."));
    }
    if (body === '' && form.get('MediaUrl') === null)
      return refusal(error(400, 21602, 'Message body is required.'));
    if (body.length > MAX_BODY_LENGTH) {
      return refusal(error(400, 21617, 'The concatenated message body exceeds the 1600 character limit'));
    }

    const command = commandOf(to);
    const planted = plantedIds(...callbackIds(form.get('StatusCallback')));
    const verdict = handler.verdict('twilio', command, () => `${to} ${planted.notification_id ?? body}`);
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'twilio', trouble(verdict), verdict);
    const refused =
      REFUSED_NUMBERS[command] ?? (/^\+[1-9]\d{6,14}$/.test(to) ? undefined : REFUSED_NUMBERS.invalid);
    if (refused !== undefined) return refusal(error(400, refused[0], refused[1](to)));

    const sms: Sms = {
      sid: `SM${randomBytes(16).toString('hex')}`,
      account,
      to,
      from,
      service,
      body,
      at: new Date().toISOString(),
    };
    const acceptance = {
      provider: 'twilio',
      channel: 'sms',
      to,
      ...planted,
      idempotency_key: null,
      subject: body,
    };
    const answer = (): Answer => ({ status: 201, body: smsResource(sms, QUEUED) });
    handler.accept(exchange, verdict, [acceptance], answer, log.begin(sms));
  };
}

function isAuthorized(exchange: Exchange): boolean {
  const match = /^Basic ([\w+/=-]+)$/.exec(exchange.header('authorization') ?? '');
  if (match === null) return false;
  return /^(AC|SK)[^:]*:.+$/.test(Buffer.from(match[1]!, 'base64').toString('utf8'));
}

/** Every parameter of the callback, decoded: an id may have any name. */
function callbackIds(callback: string | null): string[] {
  const mark = callback?.indexOf('?') ?? -1;
  return mark < 0 ? [] : [...new URLSearchParams(callback!.slice(mark)).values()];
}

function masked(to: string): string {
  return to.length > 4 ? `${to.slice(0, -4)}XXXX` : to;
}

function notFound(exchange: Exchange): Answer {
  return error(404, 20404, `The requested resource ${exchange.path} was not found`);
}

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) return error(status, Number(code), 'Refused on order');
  if (status === 429) return error(429, 20429, 'Too Many Requests');
  if (status === 401) return error(401, 20003, 'Authenticate');
  if (status === 503) return error(503, 20503, 'Service unavailable. Please try again later.');
  if (status >= 500) return error(status, 20500, 'An internal server error has occurred');
  return error(status, 20001, 'Unknown parameters');
}

function error(status: number, code: number, message: string): Answer {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}

const ACCOUNT_SID = 'AC00000000000000000000000000000000';
const AUTH_TOKEN = 'simulator';

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, url: string): ReceiptCall {
  const status = told.what === 'delivered' ? 'delivered' : 'undelivered';
  const fields: Record<string, string> = {
    AccountSid: ACCOUNT_SID,
    MessageSid: told.messageId,
    MessageStatus: status,
    To: told.to,
    ...(status === 'undelivered' ? { ErrorCode: told.what === 'complained' ? '21610' : '30005' } : {}),
  };
  const signed =
    url +
    Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => name + value)
      .join('');
  const signature = createHmac('sha1', AUTH_TOKEN).update(signed).digest('base64');
  return {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedTwilio: SimulatedProvider = {
  id: 'twilio',
  listener: 'http',
  routes: (handler) => [{ prefix: '/2010-04-01/', handle: twilio(handler) }],
  codeIs: 'the number of the error',
  receipts: {
    messageId: ({ sid }) => sid,
    compose,
    // Receipts go only to a callback that the send named.
    query: (attemptId) => (attemptId === null ? null : `?attempt=${encodeURIComponent(attemptId)}`),
  },
  accounts: ({ httpUrl, apiUrl }) => [
    {
      id: 'twilio',
      provider: 'twilio',
      ...SIMULATED_ACCOUNT,
      credentials: { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN },
      from: '+15005550006',
      callbackBaseUrl: apiUrl ?? httpUrl,
      // The simulator lists a message as soon as it accepts it.
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
  ],
};
