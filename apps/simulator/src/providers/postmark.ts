import { randomInt, randomUUID } from 'node:crypto';
import { type JsonObject, jsonObject } from '@carillon/providers/outcome/parse-response';
import { commandOfAny } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { type SimulatedMail, simulatedMail } from '../mailbox.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, Kept, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SENDER,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  type Told,
} from '../simulated-provider.ts';

const MAX_MAILS = 100_000;
const MAX_COUNT = 500;
const STREAM = 'outbound';

/**
 * Postmark: `POST /email`, `GET /messages/outbound` (search by stream and metadata) and `GET /server`. Like the real
 * one it accepts first and bounces later, so `bounce@` is an acceptance here. It has no idempotency key: two requests
 * send two e-mails.
 */
function postmark(handler: RequestHandler): (exchange: Exchange) => void {
  const mails = new SentMails(handler);
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'postmark', answer);
    if (!exchange.header('x-postmark-server-token'))
      return refusal(
        error(
          401,
          10,
          'The Server Token you provided in the X-Postmark-Server-Token request header was invalid.',
        ),
      );
    const route = `${exchange.method} ${exchange.path}`;
    if (route === 'GET /server')
      return exchange.json(200, { ID: 1, Name: 'Simulator', DeliveryType: 'Live' });
    if (route === 'GET /messages/outbound') return search(mails, exchange);
    if (route !== 'POST /email') return exchange.json(404, error(404, 12, 'Not found').body);

    const mail = readMail(exchange);
    if ('status' in mail) return refusal(mail);
    const { to, subject, stream, metadata, letter } = mail;
    const planted = plantedIds(metadata.attempt, metadata.notification, ...Object.values(metadata));
    const same = () => planted.notification_id ?? `${to.join()} ${subject}`;
    const verdict = handler.verdict('postmark', commandOfAny(to), same);
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'postmark', trouble(verdict), verdict);

    const sent: Mail = { id: randomUUID(), to, subject, stream, metadata, at: new Date().toISOString() };
    const acceptance = {
      provider: 'postmark',
      channel: 'email',
      to: to.join(', '),
      ...planted,
      idempotency_key: null,
      subject,
      letter,
    };
    const body = { To: to.join(', '), SubmittedAt: sent.at, MessageID: sent.id, ErrorCode: 0, Message: 'OK' };
    handler.accept(exchange, verdict, [acceptance], () => ({ status: 200, body }), mails.begin(sent));
  };
}

interface Mail {
  id: string;
  to: string[];
  subject: string;
  stream: string;
  metadata: Record<string, string>;
  at: string;
}

/** The searchable messages: the newest 100,000, kept over restarts. */
class SentMails {
  readonly #mails: Mail[] = [];

  constructor(handler: RequestHandler) {
    for (const { mail } of handler.ledger.memories('postmark')) this.#put(mail as Mail);
  }

  begin(mail: Mail): Kept {
    return { memory: { provider: 'postmark', mail }, written: () => this.#put(mail), failed: () => {} };
  }

  /** Newest first. */
  find(fits: (mail: Mail) => boolean): Mail[] {
    return this.#mails.filter(fits).reverse();
  }

  #put(mail: Mail): void {
    this.#mails.push(mail);
    if (this.#mails.length > 2 * MAX_MAILS) this.#mails.splice(0, this.#mails.length - MAX_MAILS);
  }
}

/** One metadata field and one stream per search, like the real one. */
function search(mails: SentMails, exchange: Exchange): void {
  const { query } = exchange;
  const count = Number(query.get('count') ?? Number.NaN);
  const offset = Number(query.get('offset') ?? Number.NaN);
  if (!(count > 0 && count <= MAX_COUNT && offset >= 0)) {
    const { status, body } = error(
      422,
      700,
      "'Count' and 'offset' are required, and 'count' is at most 500.",
    );
    exchange.json(status, body);
    return;
  }
  const stream = query.get('messagestream') ?? STREAM;
  const field = [...query].find(([name]) => name.startsWith('metadata_'));
  const found = mails.find(
    (mail) => mail.stream === stream && (!field || mail.metadata[field[0].slice(9)] === field[1]),
  );
  exchange.json(200, {
    TotalCount: found.length,
    Messages: found.slice(offset, offset + count).map(({ id, to, subject, at, stream, metadata }) => ({
      MessageID: id,
      Recipients: to,
      ReceivedAt: at,
      Subject: subject,
      Status: 'Sent',
      MessageStream: stream,
      Metadata: metadata,
    })),
  });
}

type Request = Omit<Mail, 'id' | 'at'> & { letter: SimulatedMail };

function readMail(exchange: Exchange): Request | Answer {
  if (!exchange.header('content-type')?.startsWith('application/json'))
    return error(422, 409, 'JSON required: set Accept and Content-Type to application/json.');
  const request = jsonObject(exchange.body.toString('utf8'));
  if (request === null) return error(422, 402, 'Invalid JSON');
  const {
    From: from,
    To: to,
    Subject: subject,
    HtmlBody: html,
    TextBody: text,
    MessageStream: stream,
  } = request;
  if (typeof from !== 'string' || !isAddress(bare(from)))
    return error(422, 300, "Invalid 'From' address: it must contain one address.");
  const people = typeof to === 'string' ? to.split(',').map(bare) : [];
  if (people.length === 0 || people.length > 50 || !people.every(isAddress))
    return error(422, 300, "Error parsing 'To': Illegal email address.");
  if (!html && !text) return error(422, 300, 'Provide either email TextBody or HtmlBody or both.');
  if (stream !== undefined && stream !== STREAM)
    return error(422, 1235, "The 'MessageStream' provided does not exist on this server.");
  const metadata = metadataIn(request);
  if (metadata === null) return error(422, 300, 'Metadata: a name has 20 characters at most, a value 80.');
  const headers = Array.isArray(request.Headers) ? request.Headers : [];
  const letter = simulatedMail(
    Object.fromEntries(headers.map(({ Name, Value }: Record<string, unknown>) => [String(Name), Value])),
    request.Attachments,
    { html, text },
    ({ Name: filename, ContentType: type, Content: content }) => ({ filename, type, content }),
  );
  if (letter.attachments.some(({ bytes }) => bytes < 0))
    return error(422, 300, 'Attachments: the content must be base64.');
  return { to: people, subject: String(subject ?? ''), stream: STREAM, metadata, letter };
}

function metadataIn({ Metadata: given = {} }: JsonObject): Record<string, string> | null {
  if (typeof given !== 'object' || given === null) return null;
  const fields = Object.entries(given as Record<string, unknown>);
  const fit = fields.every(
    ([name, value]) => name.length <= 20 && typeof value === 'string' && value.length <= 80,
  );
  return fit && fields.length <= 10 ? (given as Record<string, string>) : null;
}

const bare = (mailbox: string): string => (/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim();
const isAddress = (text: string): boolean => /^[^\s@<>]+@[^\s@<>]+$/.test(text);

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) return error(status, Number(code), 'Refused on order');
  if (status === 429) return error(429, 429, 'Rate limit exceeded');
  if (status === 401) return error(401, 10, 'Bad or missing Server API token.');
  if (status === 503) return error(503, 100, 'The Postmark API is offline for maintenance.');
  if (status >= 500) return { status, body: {} };
  return error(status, 300, 'Invalid email request');
}

function error(status: number, code: number, message: string): Answer {
  return { status, body: { ErrorCode: code, Message: message } };
}

const RECEIPT_USER = 'simulator:the simulated Postmark calls with this';

/** Its receipts; the credential is in the URL, as with the real provider. */
function compose({ what, to, attemptId, messageId }: Told, _url: string, now: Date): ReceiptCall {
  const [notification] = attemptId?.split('/') ?? [];
  const common = {
    MessageID: messageId,
    MessageStream: STREAM,
    Metadata: attemptId === null ? {} : { notification, attempt: attemptId },
  };
  const bounced = { ID: randomInt(2 ** 47), Email: to, BouncedAt: now.toISOString() };
  const event = {
    delivered: { RecordType: 'Delivery', Recipient: to, DeliveredAt: now.toISOString(), Details: '250 OK' },
    bounced: { RecordType: 'Bounce', ...bounced, Type: 'HardBounce', TypeCode: 1, Inactive: true },
    complained: { RecordType: 'SpamComplaint', ...bounced, Type: 'SpamComplaint', TypeCode: 100_001 },
  }[what];
  return {
    body: JSON.stringify({ ...event, ...common }),
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(RECEIPT_USER).toString('base64')}`,
    },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedPostmark: SimulatedProvider = {
  id: 'postmark',
  listener: 'http',
  routes: (handler) => {
    const handle = postmark(handler);
    return ['/email', '/messages/outbound', '/server'].map((prefix) => ({ prefix, handle }));
  },
  codeIs: 'the number of the error',
  receipts: { messageId: ({ MessageID }) => MessageID, compose },
  accounts: ({ httpUrl }) => [
    {
      id: 'postmark',
      provider: 'postmark',
      ...SIMULATED_ACCOUNT,
      credentials: { serverToken: 'simulator' },
      receipts: { secrets: [RECEIPT_USER] },
      from: SENDER,
      // The simulator lists a message as soon as it accepts it.
      lookupSettlesMs: 5000,
      baseUrl: httpUrl,
    },
  ],
};
