import type { Attachment, MessageHeader, SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import type { EmailMessage, MailAttachment } from '@carillon/core/notification/message';
import { type Mailbox, mailboxOf } from '@carillon/core/recipient/mailbox';
import { accountSender, headerMailbox } from '../accounts/mailbox.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import { createHttpClient, HTTP_CONNECTIONS, type HttpClientOptions } from '../http/http-client.ts';
import { throughSdk } from '../http/sdk-exchange.ts';
import { type Dialect, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { type SesCredentials, sesClient } from './client.ts';
import { SES_CODES, sesCode } from './codes.ts';
import { sesProbe } from './probe.ts';

/**
 * Amazon SES, v2 API, signed and composed by the AWS SDK. Class B: SendEmail has no idempotency token and a message can
 * be looked up only by the id that was lost, but tags are returned in every event, so with event publishing (a
 * configuration set) a `Send` event proves acceptance.
 */
export interface SesOptions extends HttpClientOptions {
  credentials: SesCredentials;
  /** `eu-west-1` ...: identities, quotas and the sandbox are the region's. */
  region: string;
  /** The sender if the message names none: an identity verified in this region. */
  from: string;
  /** The configuration set that publishes events. Without one an in-doubt send has no evidence. */
  configurationSetName?: string;
  /** Instead of the region's public endpoint: a VPC endpoint, a local server. */
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'SES',
  codes: SES_CODES,
  messageId: (_, body) => body?.MessageId,
  errorCode: ({ headers }, body) => sesCode(headers['x-amzn-errortype'], body),
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
      return parseResponse(DIALECT, result);
    },
    probe: (signal) => sesProbe(sdk, signal),
    close: () => http.close(),
  };
}

/** @returns null if the sender is not a mailbox. */
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
    // Letters, digits, _ and - only: an attempt id has a slash, so its number is a tag of its own.
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

/** The SDK requires bytes and encodes them as base64 again. */
function file({ filename, contentType, content }: MailAttachment): Attachment {
  return {
    FileName: filename,
    ContentType: contentType.length > MAX_TYPE_LENGTH ? 'application/octet-stream' : contentType,
    ContentDisposition: 'ATTACHMENT',
    ContentTransferEncoding: 'BASE64',
    RawContent: Buffer.from(content, 'base64'),
  };
}

/** Without a charset SES treats text as 7-bit ASCII. */
function utf8(text: string): { Data: string; Charset: 'UTF-8' } {
  return { Data: text, Charset: 'UTF-8' };
}
