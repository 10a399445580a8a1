import { createSign, randomBytes, randomUUID } from 'node:crypto';
import { jsonObject } from '@carillon/providers/outcome/parse-response';
import { commandOfAny } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { type SimulatedMail, simulatedMail } from '../mailbox.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import {
  type ReceiptCall,
  SENDER,
  SIMULATED_ACCOUNT,
  type SimulatedProvider,
  type Told,
} from '../simulated-provider.ts';
import { SIMULATOR_AWS_KEY, signatureProblem } from './ses-signature.ts';
import { SNS_CERTIFICATE, SNS_SIGNING_KEY, SNS_TOPIC } from './sns-keys.ts';

const MAX_RECIPIENTS = 50;

/**
 * SES v2: `POST /v2/email/outbound-emails` (simple content) and `GET /v2/email/account`. Requests must be signed with
 * the simulator's AWS key. Like the real one it accepts first and bounces later, so `bounce@` is an acceptance here.
 * Messages cannot be looked up.
 */
export function ses(handler: RequestHandler): (exchange: Exchange) => void {
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'ses', answer);
    const problem = signatureProblem(exchange, Date.now());
    if (problem !== null) return refusal(error(403, problem, 'The request signature does not fit.'));
    const route = `${exchange.method} ${exchange.path}`;
    if (route === 'GET /v2/email/account') {
      return exchange.json(200, {
        SendingEnabled: true,
        EnforcementStatus: 'HEALTHY',
        ProductionAccessEnabled: true,
        SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 0 },
      });
    }
    if (route !== 'POST /v2/email/outbound-emails') {
      return refusal(error(404, 'UnknownOperationException', 'There is no such operation.'));
    }
    const email = readEmail(exchange.body);
    if ('status' in email) return refusal(email);

    const verdict = handler.verdict(
      'ses',
      commandOfAny(email.to),
      () => email.planted.notification_id ?? `${email.to.join()} ${email.subject}`,
    );
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'ses', trouble(verdict), verdict);
    const acceptance = {
      provider: 'ses',
      channel: 'email',
      to: email.to.join(', '),
      ...email.planted,
      idempotency_key: null,
      subject: email.subject,
      letter: email.letter,
    };
    const id = `0100${randomBytes(6).toString('hex')}-${randomBytes(16).toString('hex')}-000000`;
    handler.accept(exchange, verdict, [acceptance], () => ({ status: 200, body: { MessageId: id } }));
  };
}

interface Email {
  to: string[];
  subject: string;
  planted: ReturnType<typeof plantedIds>;
  letter: SimulatedMail;
}

interface Named {
  Name?: unknown;
  Value?: unknown;
}

/** The fields used here; none of them is guaranteed to be present or valid. */
interface SendEmail {
  FromEmailAddress?: unknown;
  Destination?: { ToAddresses?: unknown } | null;
  Content?: {
    Simple?: {
      Subject?: { Data?: unknown } | null;
      Body?: { Text?: { Data?: unknown } | null; Html?: { Data?: unknown } | null } | null;
      Headers?: unknown;
      Attachments?: unknown;
    } | null;
  } | null;
  EmailTags?: unknown;
}

function readEmail(body: Buffer): Email | Answer {
  const request = jsonObject(body.toString('utf8')) as SendEmail | null;
  if (request === null) return error(400, 'BadRequestException', 'The body is not JSON.');
  const simple = request.Content?.Simple;
  const to = listOf(request.Destination?.ToAddresses);
  if (!isHeaderAddress(request.FromEmailAddress)) {
    return error(400, 'BadRequestException', 'Missing or illegal FromEmailAddress.');
  }
  if (to.length === 0 || to.length > MAX_RECIPIENTS || !to.every(isHeaderAddress)) {
    return error(400, 'BadRequestException', 'Illegal address.');
  }
  const subject = simple?.Subject?.Data;
  if (typeof subject !== 'string' || !(simple?.Body?.Text ?? simple?.Body?.Html)) {
    return error(
      400,
      'BadRequestException',
      'Only simple content with a subject and a body is understood here.',
    );
  }
  const tags = listOf(request.EmailTags) as (Named | null)[];
  for (const each of tags) {
    for (const part of [each?.Name, each?.Value]) {
      if (typeof part !== 'string' || !/^[\w-]{1,256}$/.test(part)) {
        return error(400, 'BadRequestException', 'Tags may have letters, digits, - and _ only.');
      }
    }
  }
  const tag = (name: string) => tags.find((each) => each?.Name === name)?.Value;
  const headers = listOf(simple?.Headers) as (Named | null)[];
  const planted = plantedIds(
    `${tag('notification_id')}/${tag('attempt')}`,
    ...headers.map((each) => each?.Value),
  );
  for (const each of headers) {
    if (
      !/^[\x21-\x39\x3b-\x7e]{1,126}$/.test(String(each?.Name)) ||
      !/^[\x20-\x7e]{1,870}$/.test(String(each?.Value))
    )
      return error(400, 'BadRequestException', 'Illegal header.');
  }
  const letter = simulatedMail(
    Object.fromEntries(headers.map((each) => [each?.Name, each?.Value])),
    simple?.Attachments,
    { html: simple?.Body?.Html?.Data, text: simple?.Body?.Text?.Data },
    ({ FileName: filename, ContentType: type, RawContent: content }) => ({ filename, type, content }),
  );
  if (letter.attachments.some(({ bytes, content_type }) => bytes < 0 || content_type.length > 78)) {
    return error(400, 'BadRequestException', 'Illegal attachment.');
  }
  return { to: to.map(bare), subject, planted, letter };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text allowed unencoded in a header: ASCII, with an address in it. */
function isHeaderAddress(text: unknown): boolean {
  return typeof text === 'string' && /^[\x20-\x7e]+$/.test(text) && /^[^\s@<>]+@[^\s@<>]+$/.test(bare(text));
}

function bare(text: unknown): string {
  return /<([^<>]+)>\s*$/.exec(String(text))?.[1] ?? String(text).trim();
}

function trouble({ status, code }: Refuse): Answer {
  if (code !== undefined) {
    const [type = '', ...words] = code.split(': ');
    return error(status, type, words.join(': ') || 'Refused on order.');
  }
  if (status === 429) return error(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.');
  if (status === 401 || status === 403) {
    return error(status, 'AccessDeniedException', 'The key may not send.');
  }
  if (status < 500) return error(status, 'BadRequestException', 'The request is refused.');
  return status === 503
    ? error(503, 'ServiceUnavailable', 'Service is unavailable')
    : error(status, 'InternalFailure', 'An internal error occurred.');
}

function error(status: number, type: string, message: string): Answer {
  const headers = { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazonaws.sesv2/` };
  return { status, body: { message }, headers };
}

/** Its receipts, signed as the real provider signs them. */
function compose(told: Told, _url: string, now: Date): ReceiptCall {
  const [notificationId, n] = told.attemptId?.split('/') ?? [];
  const mail = {
    messageId: told.messageId,
    destination: [told.to],
    tags: { notification_id: [notificationId], attempt: [n] },
    timestamp: now.toISOString(),
  };
  const event = {
    delivered: {
      eventType: 'Delivery',
      mail,
      delivery: { recipients: [told.to], timestamp: now.toISOString() },
    },
    bounced: {
      eventType: 'Bounce',
      mail,
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [{ emailAddress: told.to, diagnosticCode: 'smtp; 550 5.1.1' }],
      },
    },
    complained: {
      eventType: 'Complaint',
      mail,
      complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: told.to }] },
    },
  }[told.what];
  const fields: Record<string, string> = {
    Message: JSON.stringify(event),
    MessageId: randomUUID(),
    Timestamp: now.toISOString(),
    TopicArn: SNS_TOPIC,
    Type: 'Notification',
  };
  const signed = Object.entries(fields)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('');
  const envelope = {
    ...fields,
    SignatureVersion: '2',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-simulator.pem',
    Signature: createSign('RSA-SHA256').update(signed).sign(SNS_SIGNING_KEY, 'base64'),
  };
  return {
    body: JSON.stringify(envelope),
    headers: { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' },
  };
}

/** Its routes, receipts and accounts. */
export const simulatedSes: SimulatedProvider = {
  id: 'ses',
  listener: 'http',
  routes: (handler) => [{ prefix: '/v2/email/', handle: ses(handler) }],
  codeIs: 'the type of the error, which may be followed by a colon and a sentence',
  receipts: {
    messageId: ({ MessageId }) => MessageId,
    compose,
  },
  accounts: ({ httpUrl }) => [
    {
      id: 'ses',
      provider: 'ses',
      ...SIMULATED_ACCOUNT,
      credentials: SIMULATOR_AWS_KEY,
      receipts: { topicArn: SNS_TOPIC, certificate: SNS_CERTIFICATE },
      region: 'eu-west-1',
      from: SENDER,
      configurationSetName: 'carillon',
      baseUrl: httpUrl,
    },
  ],
};
