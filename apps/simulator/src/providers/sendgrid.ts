import { createSign, randomBytes, randomUUID } from 'node:crypto';
import { jsonObject } from '@carillon/providers/outcome/parse-response';
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
import { Activity, type Mail } from './sendgrid-messages.ts';

/**
 * SendGrid v3: `POST /v3/mail/send`, `GET /v3/messages` (Email Activity) and `GET /v3/scopes`. Like the real one it
 * accepts first and bounces later, so `bounce@` is an acceptance here. It has no idempotency key: two requests send two
 * e-mails.
 */
export function sendgrid(handler: RequestHandler): (exchange: Exchange) => void {
  const activity = new Activity(handler);
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'sendgrid', answer);
    if (!/^Bearer \S+$/.test(exchange.header('authorization') ?? '')) {
      return refusal(error(401, null, 'The provided authorization grant is invalid, expired, or revoked'));
    }
    const route = `${exchange.method} ${exchange.path}`;
    if (route === 'GET /v3/scopes') return exchange.json(200, { scopes: ['mail.send', 'messages.read'] });
    if (route === 'GET /v3/messages') return showActivity(activity, exchange);
    if (route !== 'POST /v3/mail/send') return exchange.json(404, error(404, null, 'not found').body);

    const request = readRequest(exchange.body);
    if ('status' in request) return refusal(request);
    const { from, subject, letters, letter } = request;
    const recipients = letters.flatMap(({ to }) => to);
    const planted = letters.map(({ args }) =>
      plantedIds(args.attempt_id, args.notification_id, ...Object.values(args)),
    );
    const same = () => planted[0]!.notification_id ?? `${recipients.join()} ${subject}`;
    const verdict = handler.verdict('sendgrid', commandOfAny(recipients), same);
    if (verdict.kind === 'refuse') {
      return handler.refuse(exchange, 'sendgrid', trouble(verdict), verdict);
    }

    const id = randomBytes(16).toString('base64url');
    const acceptances = letters.map(
      ({ to, subject }, n): Acceptance => ({
        provider: 'sendgrid',
        channel: 'email',
        to: to.join(', '),
        ...planted[n]!,
        idempotency_key: null,
        subject,
        letter,
      }),
    );
    const at = new Date().toISOString();
    const mails = letters.flatMap(({ to, subject, args }, n) =>
      to.map(
        (address, m): Mail => ({
          msg_id: `${id}.recvd-simulator-${n}-${m}`,
          from_email: from,
          to_email: address,
          subject,
          args,
          at,
        }),
      ),
    );
    const answer = (): Answer => ({ status: 202, body: undefined, headers: { 'x-message-id': id } });
    handler.accept(exchange, verdict, acceptances, answer, activity.begin(mails));
  };
}

function showActivity(activity: Activity, exchange: Exchange): void {
  const limit = Number(exchange.query.get('limit') ?? 10);
  const mails = activity.find(exchange.query.get('query'), limit > 0 ? limit : 10);
  const messages = mails?.map(({ msg_id, from_email, to_email, subject, at }) => ({
    from_email,
    msg_id,
    subject,
    to_email,
    status: 'delivered',
    opens_count: 0,
    clicks_count: 0,
    last_event_time: at,
  }));
  if (messages) exchange.json(200, { messages });
  else exchange.json(400, error(400, 'query', 'invalid query').body);
}

/** One personalization: its recipients get one e-mail and see each other's addresses. */
interface Personal {
  to: string[];
  subject: string;
  args: Record<string, string>;
}

interface SendRequest {
  from: string;
  subject: string;
  letters: Personal[];
  letter: SimulatedMail;
}

type Json = Record<string, unknown>;

function readRequest(body: Buffer): SendRequest | Answer {
  const request = jsonObject(body.toString('utf8'));
  if (request === null) return error(400, null, 'Bad Request');
  const from = (request.from as Json | undefined)?.email;
  if (!isAddress(from)) {
    return error(400, 'from.email', 'The from email does not contain a valid address.');
  }
  const content = request.content as { type?: unknown; value?: unknown }[] | undefined;
  if (!Array.isArray(content) || content.length === 0) {
    return error(
      400,
      'content',
      'Unless a valid template_id is provided, the content parameter is required.',
    );
  }
  for (const [n, part] of content.entries()) {
    if (typeof part?.value !== 'string' || part.value === '') {
      return error(
        400,
        `content.${n}.value`,
        'The content value must be a string at least one character in length.',
      );
    }
  }
  const personalizations = request.personalizations as (Json | null)[] | undefined;
  if (!Array.isArray(personalizations) || personalizations.length === 0 || personalizations.length > 1_000) {
    return error(
      400,
      'personalizations',
      'The personalizations field is required and must have 1 to 1000 entries.',
    );
  }
  const letters: Personal[] = [];
  for (const [n, personalization] of personalizations.entries()) {
    const people = personalization?.to;
    const to: ({ email?: unknown } | null)[] = Array.isArray(people) ? people : [];
    for (const [m, person] of to.entries()) {
      if (!isAddress(person?.email)) {
        return error(400, `personalizations.${n}.to.${m}.email`, 'Does not contain a valid address.');
      }
    }
    if (to.length === 0) {
      return error(
        400,
        `personalizations.${n}.to`,
        'The to array is required for all personalization objects.',
      );
    }
    const subject = personalization?.subject ?? request.subject;
    if (typeof subject !== 'string' || subject === '')
      return error(400, 'subject', 'The subject is required.');
    const args = { ...(request.custom_args as object), ...(personalization?.custom_args as object) };
    for (const [key, value] of Object.entries(args)) {
      if (typeof value !== 'string') return error(400, `custom_args.${key}`, 'Must be a string.');
    }
    letters.push({
      to: to.map((person) => String(person?.email)),
      subject,
      args: args as Record<string, string>,
    });
  }
  const partOf = (wanted: string) => content.find(({ type }) => type === wanted)?.value;
  const texts = { html: partOf('text/html'), text: partOf('text/plain') };
  const letter = simulatedMail(request.headers, request.attachments, texts, (file) => ({
    ...(file as { filename: unknown; type: unknown; content: unknown }),
  }));
  for (const [n, { content_type, bytes }] of letter.attachments.entries()) {
    if (bytes < 0)
      return error(400, `attachments.${n}.content`, 'The attachment content must be base64 encoded.');
    if (/[;\r\n]/.test(content_type))
      return error(400, `attachments.${n}.type`, 'The attachment type cannot contain ; or CRLF.');
  }
  return { from, subject: letters[0]!.subject, letters, letter };
}

function isAddress(text: unknown): text is string {
  return typeof text === 'string' && /^[^\s@<>]+@[^\s@<>]+$/.test(text);
}

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) return error(status, code, 'Refused on order');
  if (status === 429) return error(429, null, 'too many requests');
  if (status === 401)
    return error(401, null, 'The provided authorization grant is invalid, expired, or revoked');
  if (status === 403) return error(403, null, 'access forbidden');
  if (status < 500) return error(status, null, 'Bad Request');
  return error(status, null, 'Internal Server Error');
}

function error(status: number, field: string | null, message: string): Answer {
  return { status, body: { errors: [{ message, field, help: null }] } };
}

/** The key that signs its receipts. Made for this file and not used anywhere else. */
const SIGNING_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4w7sYddkzrnsYQ1/
QEPkLG8lqL4eXxJ1AcS7Jv0xTSOhRANCAASkKHHOC6ycmN1/BGIwRJXkau5Aqvwf
tNwnSCUHgpX4Vod3+YLJp0ZtXkArujuMrI90TD0PVUwn7o+Sll1nYvO1
-----END PRIVATE KEY-----
`;
/** Base64 SPKI, as SendGrid shows it in its settings. */
const VERIFICATION_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpChxzgusnJjdfwRiMESV5GruQKr8H7TcJ0glB4KV+FaHd/mCyadGbV5AK7o7jKyPdEw9D1VMJ+6PkpZdZ2LztQ==';

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, _url: string, now: Date): ReceiptCall {
  const event = { delivered: 'delivered', bounced: 'bounce', complained: 'spamreport' }[told.what];
  const bounce =
    told.what === 'bounced' ? { type: 'bounce', reason: '550 no such mailbox', status: '5.1.1' } : {};
  const events = [
    {
      event,
      email: told.to,
      timestamp: secondsOf(now),
      sg_event_id: randomUUID(),
      sg_message_id: `${told.messageId}.simulator`,
      attempt_id: told.attemptId,
      ...bounce,
    },
  ];
  const body = `${JSON.stringify(events)}\r\n`;
  const timestamp = String(secondsOf(now));
  const signature = createSign('sha256')
    .update(timestamp + body)
    .sign(SIGNING_KEY, 'base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedSendgrid: SimulatedProvider = {
  id: 'sendgrid',
  listener: 'http',
  routes: (handler) => [{ prefix: '/v3/', handle: sendgrid(handler) }],
  codeIs: 'the field that is wrong',
  receipts: {
    messageId: (_, headers) => headers['x-message-id'],
    compose,
  },
  accounts: ({ httpUrl }) => [
    {
      id: 'sendgrid',
      provider: 'sendgrid',
      ...SIMULATED_ACCOUNT,
      credentials: { apiKey: 'SG.simulator' },
      receipts: { secrets: [VERIFICATION_KEY] },
      from: SENDER,
      emailActivity: true,
      // The simulator lists a message as soon as it accepts it.
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
  ],
};
