import type { Attachment, MessageHeader, SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import type { EmailMessage, MailAttachment } from '@carillon/core/message';
import type { CodeTable } from '../code-table.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import { createHttpClient, HTTP_CONNECTIONS, type HttpClientOptions } from '../http-client.ts';
import { type Dialect, type JsonObject, notSendable, outcomeOf } from '../outcome-of.ts';
import { throughSdk } from '../sdk-exchange.ts';
import { accountSender, headerMailbox, type Mailbox, mailboxOf } from './mailbox.ts';
import { sesClient } from './ses-client.ts';
import { sesProbe } from './ses-probe.ts';

/**
 * Amazon SES, v2 API, signed and composed by the AWS SDK. Class B: SendEmail has no idempotency token and a message can
 * be looked up only by the id that was lost, but tags come back in every event, so with event publishing (a
 * configuration set) a `Send` event proves acceptance.
 */
export interface SesOptions extends HttpClientOptions {
  credentials: SesCredentials;
  /** `eu-west-1` ...: identities, quotas and the sandbox are the region's. */
  region: string;
  /** The sender where the message names none: an identity verified in this region. */
  from: string;
  /** What publishes events. Without one an in-doubt send has no evidence. */
  configurationSetName?: string;
  /** Instead of the region's public endpoint: a VPC endpoint, a local server. */
  baseUrl?: string;
}

export interface SesCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * The type in `x-amzn-errortype`. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html and
 * .../CommonErrors.html
 */
export const SES_CODES: CodeTable = {
  TooManyRequestsException: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  LimitExceededException: 'quota',
  // Not SES' name: what we call its "Daily message quota exceeded", which comes as one of the above.
  daily_quota_exceeded: 'quota',
  MessageRejected: 'rejected',
  BadRequestException: 'rejected',
  ValidationException: 'rejected',
  // Not SES' name: a MessageRejected because a sender (or, in the sandbox, the recipient) is not verified.
  identity_not_verified: 'misconfigured',
  MailFromDomainNotVerifiedException: 'misconfigured',
  AccountSuspendedException: 'misconfigured',
  SendingPausedException: 'misconfigured',
  // The configuration set, or the identity that should send.
  NotFoundException: 'misconfigured',
  AccessDeniedException: 'misconfigured',
  ExpiredTokenException: 'misconfigured',
  IncompleteSignature: 'misconfigured',
  InvalidClientTokenId: 'misconfigured',
  InvalidSignatureException: 'misconfigured',
  MissingAuthenticationTokenException: 'misconfigured',
  OptInRequired: 'misconfigured',
  // The clock of this machine is off by more than five minutes.
  RequestExpired: 'misconfigured',
  UnrecognizedClientException: 'misconfigured',
  InternalFailure: 'in_doubt',
  InternalServiceError: 'in_doubt',
  ServiceUnavailable: 'in_doubt',
};

const DIALECT: Dialect = {
  name: 'SES',
  codes: SES_CODES,
  messageId: (_, body) => body?.MessageId,
  errorCode: ({ headers }, body) => errorCode(headers['x-amzn-errortype'], body),
};

export function sesAdapter(options: SesOptions): ProviderAdapter<EmailMessage> {
  const { credentials, region, from, configurationSetName, baseUrl, ...client } = options;
  const endpoint = baseUrl ?? `https://email.${region}.amazonaws.com`;
  const own = accountSender(from);
  const http = createHttpClient(endpoint, client);
  const sdk = sesClient({ credentials, region, endpoint, http });
  return {
    provider: 'ses',
    channel: 'email',
    guarantee: 'B',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'email',
    async send(message, call) {
      const email = compose(
        message,
        message.from === undefined ? own : mailboxOf(message.from),
        configurationSetName,
        call,
      );
      if (email === null) return notSendable('SES', 'invalid_message', 'it needs one sender address');
      const { client, SendEmailCommand } = await sdk.load();
      const result = await throughSdk(call, () => client.send(new SendEmailCommand(email)));
      if (result.phase === 'not_composed') {
        return notSendable('SES', 'invalid_message', 'its SDK could not compose this message');
      }
      return outcomeOf(DIALECT, result);
    },
    probe: (signal) => sesProbe(sdk, signal),
    close: () => http.close(),
  };
}

/** @returns null where the sender is no mailbox. */
function compose(
  message: EmailMessage,
  from: Mailbox | null,
  configurationSetName: string | undefined,
  { notificationId, attemptId }: Call,
): SendEmailCommandInput | null {
  const replyTo = message.replyTo === undefined ? undefined : mailboxOf(message.replyTo);
  if (!from || replyTo === null) return null;
  const { text, html } = message;
  return {
    FromEmailAddress: headerMailbox(from),
    Destination: { ToAddresses: [message.to] },
    ...(replyTo === undefined ? {} : { ReplyToAddresses: [headerMailbox(replyTo)] }),
    Content: {
      Simple: {
        Subject: utf8(message.subject),
        Body: {
          ...(text === undefined && html !== undefined ? {} : { Text: utf8(text ?? '') }),
          ...(html === undefined ? {} : { Html: utf8(html) }),
        },
        Headers: headersOf({ 'X-Carillon-Attempt': attemptId, ...message.headers }),
        ...(message.attachments === undefined ? {} : { Attachments: message.attachments.map(file) }),
      },
    },
    // Letters, digits, _ and - only: an attempt id has a slash, so its number stands alone.
    EmailTags: [
      { Name: 'notification_id', Value: notificationId },
      { Name: 'attempt', Value: attemptId.slice(notificationId.length + 1) },
    ],
    ...(configurationSetName === undefined ? {} : { ConfigurationSetName: configurationSetName }),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): MessageHeader[] {
  return Object.entries(headers).map(([Name, Value]) => ({ Name, Value }));
}

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Attachment.html */
const MAX_TYPE_LENGTH = 78;

/** The SDK wants bytes and makes base64 of them again. */
function file({ filename, contentType, content }: MailAttachment): Attachment {
  return {
    FileName: filename,
    ContentType: contentType.length > MAX_TYPE_LENGTH ? 'application/octet-stream' : contentType,
    ContentDisposition: 'ATTACHMENT',
    ContentTransferEncoding: 'BASE64',
    RawContent: Buffer.from(content, 'base64'),
  };
}

/** Without a charset SES takes text for 7-bit ASCII. */
function utf8(text: string): { Data: string; Charset: 'UTF-8' } {
  return { Data: text, Charset: 'UTF-8' };
}

/** `MessageRejected:http://internal.amazon.com/...` in a header, or `com.amazonaws...#MessageRejected` in the body. */
function errorCode(header: string | string[] | undefined, body: JsonObject | null): unknown {
  const named = [header, body?.__type, body?.code].find((value) => typeof value === 'string');
  const type = named?.replace(/:.*$/s, '').split('#').at(-1);
  const words = typeof body?.message === 'string' ? body.message : '';
  if (/^(TooManyRequests|LimitExceeded|Throttling)/.test(type ?? '') && /daily message quota/i.test(words)) {
    return 'daily_quota_exceeded';
  }
  if (type === 'MessageRejected' && /not verified/i.test(words)) return 'identity_not_verified';
  return type;
}
