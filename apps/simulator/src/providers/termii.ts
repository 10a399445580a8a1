import { createHmac, randomBytes } from 'node:crypto';
import { jsonObject } from '@carillon/providers/outcome/parse-response';
import { type Command, commandOf } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  type Told,
} from '../simulated-provider.ts';
import { TermiiLog } from './termii-reports.ts';

const ROUTES = ['generic', 'dnd', 'whatsapp'];

/** Termii's messages for numbers it refuses. STOP is not one of them: it appears in the report. */
const REFUSED_NUMBERS: Partial<Record<Command, string>> = {
  invalid: 'Invalid phone number',
  bounce: 'Invalid phone number',
  unreachable: 'Invalid phone number',
  unroutable: 'Country inactive',
  region_blocked: 'You are not set up on this route',
};

/**
 * Termii: `POST /api/sms/send`, `GET /api/sms/inbox` (the report) and `GET /api/get-balance`. The protocol carries no
 * Carillon ids and no idempotency key: two requests are two messages. Numbers have no plus sign.
 */
export function termii(handler: RequestHandler): (exchange: Exchange) => void {
  const log = new TermiiLog(handler);
  return (exchange) => {
    const route = `${exchange.method} ${exchange.path}`;
    const refusal = (answer: Answer) => handler.refuse(exchange, 'termii', answer);
    if (route === 'GET /api/sms/inbox' || route === 'GET /api/get-balance') {
      const key = exchange.query.get('api_key');
      if (!key) return exchange.json(401, error(401, 'Unauthorized').body);
      if (route === 'GET /api/get-balance') {
        return exchange.json(200, { user: 'Simulator', balance: 1_000, currency: 'NGN' });
      }
      return exchange.json(200, log.report(key, exchange.query.get('message_id')));
    }
    if (route !== 'POST /api/sms/send') return exchange.json(404, error(404, 'Not found').body);

    const sms = readSms(exchange.body);
    if ('status' in sms) return refusal(sms);
    const command = commandOf(`+${sms.to}`);
    const verdict = handler.verdict('termii', command, () => `${sms.to} ${sms.text}`);
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'termii', trouble(verdict), verdict);
    const refused = REFUSED_NUMBERS[command];
    if (refused !== undefined) return refusal(error(400, refused));

    const id = BigInt(`0x${randomBytes(11).toString('hex')}`)
      .toString()
      .padStart(27, '3')
      .slice(0, 25);
    const acceptance = {
      provider: 'termii',
      channel: 'sms',
      to: `+${sms.to}`,
      notification_id: null,
      attempt_id: null,
      idempotency_key: null,
      subject: sms.text,
    };
    const isBlocked = (command === 'opted_out' || command === 'complain') && sms.route === 'generic';
    const kept = log.begin({
      key: sms.key,
      sender: sms.from,
      receiver: sms.to,
      message: sms.text,
      status: isBlocked ? 'DND Active on Phone Number' : 'Delivered',
      sms_type: sms.route,
      message_id: id,
      at: new Date().toISOString(),
    });
    const body = {
      code: 'ok',
      balance: 1_000,
      message_id: id,
      message: 'Successfully Sent',
      user: 'Simulator',
    };
    handler.accept(exchange, verdict, [acceptance], () => ({ status: 200, body }), kept);
  };
}

interface Sms {
  key: string;
  to: string;
  from: string;
  text: string;
  route: string;
}

function readSms(body: Buffer): Sms | Answer {
  const request = jsonObject(body.toString('utf8'));
  if (request === null) return error(400, 'Malformed JSON');
  const { api_key: key, to, from, sms: text, type, channel: route } = request;
  if (typeof key !== 'string' || key === '') return error(401, 'Unauthorized');
  if (typeof to !== 'string' || !/^\d{5,15}$/.test(to)) return error(400, 'Invalid phone number');
  if (typeof from !== 'string' || !/^[\w -]{3,11}$/.test(from)) {
    return error(404, `ApplicationSenderId not found for applicationId: 1 and senderName: ${from}`);
  }
  if (typeof text !== 'string' || text === '') return error(422, 'The sms field is required.');
  if (type !== 'plain') return error(422, 'The selected type is invalid.');
  if (typeof route !== 'string' || !ROUTES.includes(route)) {
    return error(422, 'The selected channel is invalid.');
  }
  return { key, to, from, text, route };
}

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) return error(status, code);
  if (status === 429) return error(429, 'Too Many Attempts.');
  if (status === 401) return error(401, 'Unauthorized');
  if (status === 403) return error(403, 'Your account is not active');
  if (status < 500) return error(status, 'Unprocessable entity');
  return error(status, 'Server Error');
}

function error(status: number, message: string): Answer {
  return { status, body: { code: status, message } };
}

/** The key that signs its receipts. Made for this file and not used anywhere else. */
const SIGNING_SECRET = 'the simulated Termii signs with this';

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, _url: string, now: Date): ReceiptCall {
  const status = {
    delivered: 'Delivered',
    bounced: 'Message Failed',
    complained: 'DND Active on Phone Number',
  }[told.what];
  const body = JSON.stringify({
    type: 'outbound',
    message_id: told.messageId,
    receiver: told.to.replace('+', ''),
    status,
    sent_at: now.toISOString(),
  });
  const signature = createHmac('sha512', SIGNING_SECRET).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-termii-signature': signature } };
}

/** Its routes, receipts and accounts. */
export const simulatedTermii: SimulatedProvider = {
  id: 'termii',
  listener: 'http',
  routes: (handler) => [{ prefix: '/api/', handle: termii(handler) }],
  codeIs: 'the sentence',
  receipts: {
    messageId: ({ message_id: id }) => id,
    compose,
  },
  accounts: ({ httpUrl }) => [
    {
      id: 'termii',
      provider: 'termii',
      ...SIMULATED_ACCOUNT,
      credentials: { apiKey: 'TL-simulator' },
      receipts: { secrets: [SIGNING_SECRET] },
      from: 'Carillon',
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
  ],
};
