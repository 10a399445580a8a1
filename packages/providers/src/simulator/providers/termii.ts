import { randomBytes } from 'node:crypto';
import { jsonObject } from '../../outcome-of.ts';
import { type Command, commandOf } from '../command.ts';
import type { Answer, Desk } from '../desk.ts';
import type { Exchange } from '../exchange.ts';
import type { Refuse } from '../judge.ts';
import { TermiiLog } from './termii-reports.ts';

const ROUTES = ['generic', 'dnd', 'whatsapp'];

/** Termii's own sentences to numbers it will not send to. STOP is not one of them: it is told in the report. */
const REFUSED_NUMBERS: Partial<Record<Command, string>> = {
  invalid: 'Invalid phone number',
  bounce: 'Invalid phone number',
  unreachable: 'Invalid phone number',
  unroutable: 'Country inactive',
  region_blocked: 'You are not set up on this route',
};

/**
 * Termii: `POST /api/sms/send`, `GET /api/sms/inbox` (the report) and `GET /api/get-balance`. The wire carries none of
 * our ids and there is no idempotency key: two posts are two messages. Numbers come without their plus sign.
 */
export function termii(desk: Desk): (exchange: Exchange) => void {
  const log = new TermiiLog(desk);
  return (exchange) => {
    const route = `${exchange.method} ${exchange.path}`;
    const refusal = (answer: Answer) => desk.refuse(exchange, 'termii', answer);
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
    const verdict = desk.verdict('termii', command, () => `${sms.to} ${sms.text}`);
    if (verdict.kind === 'refuse') return desk.refuse(exchange, 'termii', trouble(verdict), verdict);
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
    desk.accept(exchange, verdict, [acceptance], () => ({ status: 200, body }), kept);
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

function trouble({ status }: Refuse): Answer {
  if (status === 429) return error(429, 'Too Many Attempts.');
  if (status === 401) return error(401, 'Unauthorized');
  if (status === 403) return error(403, 'Your account is not active');
  if (status < 500) return error(status, 'Unprocessable entity');
  return error(status, 'Server Error');
}

function error(status: number, message: string): Answer {
  return { status, body: { code: status, message } };
}
